import type { ShopOrder } from "@tongbao/client";
import { describe, expect, it } from "vitest";
import { merged } from "../../src/shop/model/orderBook.svelte";
import { leftFen, stateMood, takenFen } from "../../src/shop/model/orderWords";
import { saleNumber } from "../../src/shop/model/saleNumber";

function orders(...ids: string[]): ShopOrder[] {
  return ids.map((order_id) => ({ order_id }) as ShopOrder);
}

function idsOf(found: readonly ShopOrder[]): string {
  return found.map((each) => each.order_id).join(" ");
}

describe("the list of orders", () => {
  it("keeps older ones behind the newest page, each once", () => {
    const newest = orders("e", "d", "c");

    expect(idsOf(merged(newest, orders("d", "c", "b", "a"), newest.at(-1)))).toBe("e d c b a");
  });

  it("begins anew where more came at once than a page holds", () => {
    const newest = orders("z", "y");

    expect(idsOf(merged(newest, orders("c", "b"), newest.at(-1)))).toBe("z y");
  });

  it("is the newest page where that is all there is", () => {
    expect(idsOf(merged(orders("b", "a"), orders("a"), null))).toBe("b a");
  });
});

describe("an order", () => {
  const order = { amount_fen: 1_000, tip_fen: 100, refunded_fen: 300, paid_at_ms: 5, state: "paid" } as ShopOrder;

  it("has what was paid with the tip, less what went back, left to give back", () => {
    expect([takenFen(order), leftFen(order)]).toEqual([1_100, 800]);
  });

  it("that nobody paid has nothing to give back", () => {
    expect(leftFen({ ...order, paid_at_ms: null, refunded_fen: 0, state: "open" })).toBe(0);
    expect(stateMood({ ...order, state: "open" })).toBe("look");
  });

  it("has a number with the day, the time and some chance", () => {
    expect(saleNumber(new Date(2026, 10, 22, 7, 5, 9), Uint8Array.of(0x4f, 0x7a))).toBe("1122-0705-4F7A");
  });
});
