/** Where a shop wants its payer to go once an order of its checkout is paid. */

import { SignedClient, TongbaoError } from "@tongbao/client";
import type { components } from "../../../../clients/typescript/src/api/institution";

export interface ShopPlace {
  readonly href: string;
  /** The site that it leads to, for the payer to see. */
  readonly site: string;
}

/** The place, if the order came by a checkout and the address is one of the web's; null otherwise. */
export async function shopToReturnTo(homeUrl: string, orderId: string): Promise<ShopPlace | null> {
  try {
    const path = `/v1/checkouts/${encodeURIComponent(orderId)}`;
    const checkout = await new SignedClient(homeUrl, null).get<components["schemas"]["Checkout"]>(path);
    return placeOf(checkout.return_url ?? checkout.success_url);
  } catch (error) {
    if (error instanceof TongbaoError) return null;
    throw error;
  }
}

/** The address if it is safe to follow; null for anything but a page. */
export function placeOf(url: string): ShopPlace | null {
  if (!URL.canParse(url)) return null;
  const { href, protocol, host } = new URL(url);
  return protocol === "https:" || protocol === "http:" ? { href, site: host } : null;
}
