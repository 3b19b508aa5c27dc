/** How an order stands for whoever pays it or waits for the money. */

import type { ShopOrder } from "@tongbao/client";

/** States from which an order that nobody has paid goes nowhere. */
const OVER = new Set(["cancelled", "expired"]);

/** Whether nothing will ever be paid for the order any more. */
export function isOver(order: ShopOrder): boolean {
  return OVER.has(order.state);
}

/** Whether it has been paid, whatever was given back since. */
export function isPaid(order: ShopOrder): boolean {
  return order.state === "paid" || order.state === "refunded";
}
