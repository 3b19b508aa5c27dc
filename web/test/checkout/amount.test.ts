import { describe, expect, it } from "vitest";
import { fenOf, money, yuanOf } from "../../src/checkout/amount";

describe("an amount", () => {
  it.each([
    [0, "0.00"],
    [5, "0.05"],
    [123_450, "1234.50"],
    [-1_280, "-12.80"],
    [9_007_199_254_740_991, "90071992547409.91"],
  ])("of %i fen is written as %s without rounding", (fen, text) => {
    expect(yuanOf(fen)).toBe(text);
  });

  it("is shown with its sign and between thousands", () => {
    expect(money(123_456_789)).toBe("¥1,234,567.89");
    expect(money(9_007_199_254_740_991)).toBe("¥90,071,992,547,409.91");
  });

  it.each([
    ["12", 1_200],
    ["12.", 1_200],
    ["12.8", 1_280],
    [" ¥1,234.05 ", 123_405],
    ["12。50", 1_250],
    ["0.01", 1],
  ])("is read from %j", (typed, fen) => {
    expect(fenOf(typed)).toBe(fen);
  });

  it.each(["", "0", "0.00", "1.005", "-1", "1e3", "12,34", "１２", "1.2.3", "9999999999999", "Infinity"])(
    "is not read from %j",
    (typed) => {
      expect(fenOf(typed)).toBeNull();
    },
  );
});
