/** @vitest-environment jsdom */
import { beforeEach, describe, expect, it } from "vitest";
import { Basket, keepPurchase, purchaseOf, purchases } from "../../src/mall/purchases.svelte";

const GOODS = [
  { good: "tea", price_fen: 1_280, name: "Tea", name_zh: "茶" },
  { good: "bun", price_fen: 350, name: "Bun", name_zh: "包子" },
];

beforeEach(() => localStorage.clear());

function bought(purchaseId: string): Parameters<typeof keepPurchase>[0] {
  return { purchaseId, home: 2, orderId: "ab", goods: ["tea"], atMs: 1 };
}

describe("a basket", () => {
  it("is found again as it was left", () => {
    const basket = new Basket();
    for (const good of ["tea", "tea", "bun"]) basket.add(good);
    basket.takeOut("tea");

    const again = new Basket();

    expect([again.count("tea"), again.count("bun"), again.totalFen(GOODS)]).toEqual([1, 1, 1_630]);
  });

  it("costs nothing for what the mall no longer sells, and holds no more than the mall sells at once", () => {
    const basket = new Basket();
    for (let place = 0; place < 25; place++) basket.add("gone");

    expect([basket.goods.length, basket.isFull, basket.totalFen(GOODS)]).toEqual([20, true, 0]);
  });
});

describe("purchases", () => {
  it("are kept newest first, each once, and no more than twenty", () => {
    for (let number = 0; number < 25; number++) keepPurchase(bought(`p${number}`));
    keepPurchase(bought("p20"));

    expect(purchases().map((each) => each.purchaseId).slice(0, 3)).toEqual(["p20", "p24", "p23"]);
    expect(purchases().length).toBe(20);
    expect(purchaseOf("p0")).toBeNull();
  });

  it.each(["{", "{}", "null"])("are none where the browser keeps %s", (nonsense) => {
    localStorage.setItem("tongbao.mall.purchases", nonsense);

    expect(purchases()).toEqual([]);
  });
});
