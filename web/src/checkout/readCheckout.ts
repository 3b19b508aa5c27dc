/** What a checkout page shows, read without anybody's key. */

import {
  type Checkout,
  type Merchant,
  ProblemError,
  type ShopOrder,
  SignedClient,
  fromHex,
  linkText,
  networkMark,
} from "@tongbao/client";
import { type Home, type Network, homeOf, network, urlOf } from "../network/network";
import type { CheckoutPlace } from "./place";

/** An order and the addresses that its payer is sent back to; an order without a checkout has none. */
export interface Asked {
  readonly network: Network;
  readonly home: Home;
  readonly order: ShopOrder;
  readonly successUrl: string | null;
  readonly cancelUrl: string | null;
}

/** A shop whose button was pressed. */
export interface Offered {
  readonly home: Home;
  readonly merchant: Merchant;
  readonly link: string;
  readonly amountFen: number | null;
}

/** The place's home is none of this network's. */
export class UnknownHomeError extends Error {
  override name = "UnknownHomeError";
}

/** The order that a checkout's address names, with where its payer is sent back to. */
export async function readOrder(place: CheckoutPlace & { kind: "order" }): Promise<Asked> {
  const { known, home, client } = await reach(place.home);
  const found = await checkoutOrOrder(client, place.orderId);
  return { network: known, home, ...found };
}

/** The shop that a button's address names. */
export async function readButton(place: CheckoutPlace & { kind: "button" }): Promise<Offered> {
  const { known, home, client } = await reach(place.home);
  const merchant = await client.get<Merchant>(`/v1/merchants/${place.walletId}`);
  const { amountFen, walletId } = place;
  const mark = networkMark(fromHex(known.network_id));
  const link = linkText({ kind: "shop", home: place.home, merchantWalletId: walletId, network: mark, amountFen });
  return { home, merchant, link, amountFen };
}

async function reach(number: number): Promise<{ known: Network; home: Home; client: SignedClient }> {
  const known = await network();
  const home = homeOf(known, number);
  if (home === undefined) throw new UnknownHomeError(`this network has no home ${number}`);
  return { known, home, client: new SignedClient(urlOf(home.path), null) };
}

async function checkoutOrOrder(
  client: SignedClient,
  orderId: string,
): Promise<Pick<Asked, "order" | "successUrl" | "cancelUrl">> {
  try {
    const found = await client.get<Checkout>(`/v1/checkouts/${orderId}`);
    return { order: found.order, successUrl: found.success_url, cancelUrl: found.cancel_url };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 404) throw error;
  }
  return { order: await client.get<ShopOrder>(`/v1/orders/${orderId}`), successUrl: null, cancelUrl: null };
}
