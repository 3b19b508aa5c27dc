import { describe, expect, test } from "vitest";
import { type Supply, figuresOf, rateOf, thousandths } from "../../src/currency/pulse";

const SUPPLY: Supply = {
  sequence: 7,
  time_ms: 1,
  state_digest: "00",
  totals: [
    { asset: 0, home: 1, issued: 9_000_000_000_000_000, redeemed: 1, unspent: 8_999_999_999_999_998 },
    { asset: 0, home: 2, issued: 10, redeemed: 4, unspent: 7 },
    { asset: 5, home: 2, issued: 1_000, redeemed: 0, unspent: 1_000 },
  ],
};

describe("figures", () => {
  test("add up the currency over its institutions, to the fen, and leave other assets out", () => {
    const figures = figuresOf(SUPPLY);

    expect(figures.issued).toBe(9_000_000_000_000_010n);
    expect(figures.redeemed).toBe(5n);
    expect(figures.outstanding).toBe(9_000_000_000_000_005n);
    expect(figures.unspent).toBe(figures.outstanding);
    expect(figures.homes.map((each) => each.held)).toEqual([8_999_999_999_999_998n, 7n]);
  });

  test("show a part of the largest in thousandths, and nothing of nothing", () => {
    expect(thousandths(1n, 3n)).toBe(333);
    expect(thousandths(0n, 0n)).toBe(0);
  });
});

describe("a series of counts", () => {
  test("is said as a rate of the last seconds, its busiest second and its sum", () => {
    expect(rateOf([0, 9, 0, 0, 0, 0, 5])).toEqual({ now: 1, most: 9, total: 14 });
  });

  test("of nothing is nothing", () => {
    expect(rateOf([])).toEqual({ now: 0, most: 0, total: 0 });
  });
});
