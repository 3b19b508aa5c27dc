import { describe, expect, it } from "vitest";
import { shopHashOf, shopRouteOf } from "../../src/shop/model/route";

const ID = "46338182a54d18adea1350e161366f4e";

describe("a place in the shop", () => {
  it("is found again by its address", () => {
    expect(shopRouteOf(shopHashOf("orders", ID))).toEqual({ place: "orders", about: ID });
    expect(shopRouteOf(shopHashOf("day"))).toEqual({ place: "day", about: "" });
  });

  it.each(["", "#", "#/nowhere", "#till=1.ab", "#/orders/../../x"])("is the counter, or a list, where it is %j", (hash) => {
    expect(["charge", "orders"]).toContain(shopRouteOf(hash).place);
    expect(shopRouteOf(hash).about).toBe("");
  });
});
