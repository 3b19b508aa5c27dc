/** The example mall of a sandbox: what it sells, and how it takes orders and returns. Prices are the mall's. */

import { type Checkout, type Refund, ProblemError, SignedClient } from "@tongbao/client";
import { preferences } from "../design/preferences.svelte";
import { urlOf } from "../network/network";

/** Something that the mall sells. */
export interface Good {
  readonly good: string;
  readonly price_fen: number;
  readonly name: string;
  readonly name_zh: string;
}

/** The mall, a merchant like any other. */
export interface Mall {
  readonly home: number;
  readonly wallet_id: string;
  readonly name: string;
  readonly goods: readonly Good[];
}

/** Whether there is a mall: none here, one that opens in a moment, or this one. */
export type MallFound =
  | { readonly kind: "none" }
  | { readonly kind: "preparing" }
  | { readonly kind: "open"; readonly mall: Mall };

/** Goods that the mall sells at once. */
export const BASKET_MAX = 20;

function sandbox(): SignedClient {
  return new SignedClient(urlOf(""), null);
}

/** The mall of this network. */
export async function findMall(): Promise<MallFound> {
  try {
    const { mall } = await sandbox().get<{ mall: Mall | null }>("/sandbox");
    return mall === null ? { kind: "preparing" } : { kind: "open", mall };
  } catch (error) {
    if (error instanceof ProblemError && error.status < 429) return { kind: "none" };
    throw error;
  }
}

/** What a thing is called in the reader's language. */
export function nameOf(good: Good): string {
  return preferences.language === "zh" ? good.name_zh : good.name;
}

/** Order these goods, each as often as it is named; the same purchase is ordered once. */
export function order(purchaseId: string, goods: readonly string[]): Promise<Checkout> {
  const basket = {
    language: preferences.tag,
    goods,
    success_url: urlOf(`/mall/#thanks=${purchaseId}`),
    cancel_url: urlOf("/mall/"),
  };
  return sandbox().post<Checkout>("/sandbox/mall/checkouts", basket, purchaseId);
}

/** Bring back what was bought; the mall offers the money. */
export function bringBack(orderId: string): Promise<Refund> {
  return sandbox().post<Refund>("/sandbox/mall/refunds", { order_id: orderId }, `back-${orderId}`);
}
