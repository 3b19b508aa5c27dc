import type { ShopOrder } from "@tongbao/client";
import { describe, expect, it } from "vitest";
import { endOf, timeLeft } from "../../src/checkout/timeLeft";

describe("the time to pay", () => {
  it("runs by ledger time, whatever the reader's clock says", () => {
    const order = { expires_at_ms: 5_000_000, time_ms: 4_940_000 } as ShopOrder;

    expect(timeLeft(endOf(order, 99), 99, "en")).toBe("1:00");
  });

  it.each([
    [0, "0:00"],
    [-5_000, "0:00"],
    [999, "0:00"],
    [61_000, "1:01"],
    [3_600_000, "1:00:00"],
    [2 * 86_400_000, "2 days"],
  ])("is told of %i ms as %s", (milliseconds, text) => {
    expect(timeLeft(milliseconds, 0, "en")).toBe(text);
  });
});
