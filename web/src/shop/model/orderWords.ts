/** How an order stands, in a word. */

import type { ShopOrder } from "@tongbao/client";
import { shop } from "../../words/shop";

export type OrderMood = "good" | "look" | "plain";

export function stateWord(order: ShopOrder): string {
  if (order.state === "refunded") return shop.stateRefunded;
  if (order.state === "paid") return order.refunded_fen > 0 ? shop.statePartly : shop.statePaid;
  if (order.state === "cancelled") return shop.stateCancelled;
  return order.state === "expired" ? shop.stateExpired : shop.stateOpen;
}

/** Whether that is money that has come, something to look at, or neither. */
export function stateMood(order: ShopOrder): OrderMood {
  if (order.state === "paid") return "good";
  return order.state === "open" ? "look" : "plain";
}

/** What came in for it, tip included. */
export function takenFen(order: ShopOrder): number {
  return order.paid_at_ms === null ? 0 : order.amount_fen + (order.tip_fen ?? 0);
}

/** What of it can still be given back. */
export function leftFen(order: ShopOrder): number {
  return takenFen(order) - order.refunded_fen;
}
