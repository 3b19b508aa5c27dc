/** What this browser has bought and wants to buy, kept on the device so that both are found again. */

import type { Good } from "./sandboxMall";
import { BASKET_MAX } from "./sandboxMall";

/** A purchase that was begun; whether it is paid, the shop's home knows. */
export interface Purchase {
  readonly purchaseId: string;
  readonly home: number;
  readonly orderId: string;
  /** Which goods, each as often as it was ordered. */
  readonly goods: readonly string[];
  readonly atMs: number;
}

const PURCHASES = "tongbao.mall.purchases";
const BASKET = "tongbao.mall.basket";
/** What somebody may still want to bring back or look at. */
const PURCHASES_MAX = 20;

function kept<T>(name: string): T[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(found) ? (found as T[]) : [];
  } catch {
    return [];
  }
}

function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A browser that lets pages keep nothing: it holds for this visit.
  }
}

/** Purchases of this browser, newest first. */
export function purchases(): Purchase[] {
  return kept<Purchase>(PURCHASES);
}

/** The purchase with that id, where this browser has made it. */
export function purchaseOf(purchaseId: string): Purchase | null {
  return purchases().find((each) => each.purchaseId === purchaseId) ?? null;
}

/** Keep a purchase before its payer goes to pay. */
export function keepPurchase(purchase: Purchase): void {
  const others = purchases().filter((each) => each.purchaseId !== purchase.purchaseId);
  keep(PURCHASES, [purchase, ...others].slice(0, PURCHASES_MAX));
}

/** What lies in the basket. */
export class Basket {
  #goods = $state<string[]>(kept<string>(BASKET));

  get goods(): readonly string[] {
    return this.#goods;
  }

  get isFull(): boolean {
    return this.#goods.length >= BASKET_MAX;
  }

  /** How often a thing lies in it. */
  count(good: string): number {
    return this.#goods.filter((each) => each === good).length;
  }

  add(good: string): void {
    if (!this.isFull) this.#put([...this.#goods, good]);
  }

  takeOut(good: string): void {
    const place = this.#goods.lastIndexOf(good);
    if (place >= 0) this.#put(this.#goods.toSpliced(place, 1));
  }

  clear(): void {
    this.#put([]);
  }

  /** What all of it costs, and only what the mall still sells. */
  totalFen(sold: readonly Good[]): number {
    return this.#goods.reduce((sum, each) => sum + (sold.find(({ good }) => good === each)?.price_fen ?? 0), 0);
  }

  #put(goods: string[]): void {
    this.#goods = goods;
    keep(BASKET, goods);
  }
}
