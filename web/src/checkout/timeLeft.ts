/** How long an order can still be paid, by ledger time, which runs on another clock than the reader's. */

import type { ShopOrder } from "@tongbao/client";

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** By the reader's clock, when the order ends that was heard of at `nowMs`. */
export function endOf(order: ShopOrder, nowMs: number): number {
  return nowMs + order.expires_at_ms - order.time_ms;
}

/** What is left, as "14:05" or "3:00:00", or in whole days where there are several; never below zero. */
export function timeLeft(endMs: number, nowMs: number, tag: string): string {
  const seconds = Math.max(0, Math.floor((endMs - nowMs) / SECOND_MS));
  if (seconds >= 2 * DAY_S) {
    const days = new Intl.NumberFormat(tag, { style: "unit", unit: "day", unitDisplay: "long" });
    return days.format(Math.floor(seconds / DAY_S));
  }
  const parts = [Math.floor((seconds % HOUR_S) / MINUTE_S), seconds % MINUTE_S];
  if (seconds >= HOUR_S) parts.unshift(Math.floor(seconds / HOUR_S));
  return parts.map((part, place) => (place === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
