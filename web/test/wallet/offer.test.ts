import { expect, test } from "vitest";
import { meansFor } from "../../src/wallet/model/offer";
import { placeOf } from "../../src/wallet/model/shopPlace";

test("what the wallet has is enough to the fen, and not one more", () => {
  expect(meansFor(1_280, 1_280, 0, true)).toEqual({ kind: "enough" });
  expect(meansFor(1_281, 1_280, 0, true)).toEqual({ kind: "add", missingFen: 1 });
});

test("without a sandbox what is missing comes from the deposit, or not at all", () => {
  expect(meansFor(500, 100, 400, false)).toEqual({ kind: "add", missingFen: 400 });
  expect(meansFor(500, 100, 399, false)).toEqual({ kind: "short" });
});

test("a shop's address is followed only where it is a page, and its site is told", () => {
  expect(placeOf("https://mall.example:8443/thanks?order=1")).toEqual({
    href: "https://mall.example:8443/thanks?order=1",
    site: "mall.example:8443",
  });
  expect(["javascript:alert(1)", "data:text/html,x", "mall", ""].map(placeOf)).toEqual([null, null, null, null]);
});
