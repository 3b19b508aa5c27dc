/** All coins of a wallet, as its home lists them page by page; one that is listed twice is one coin. */

import type { components } from "./api/institution.js";
import { PeerError } from "./errors.js";
import type { SignedClient } from "./signedClient.js";

type Schemas = components["schemas"];

const PAGE = "200";
/** A home that goes on listing for ever is not believed; this many pages are two million coins. */
const PAGES_MAX = 10_000;

export async function listingOf(home: SignedClient, walletId: string): Promise<Schemas["WalletCoin"][]> {
  const found = new Map<string, Schemas["WalletCoin"]>();
  for (let after = "", pages = 0; pages < PAGES_MAX; pages++) {
    const page = await home.get<Schemas["WalletCoinPage"]>(`/v1/wallets/${walletId}/coins`, { after, limit: PAGE });
    for (const each of page.coins) found.set(each.coin.coin_id, each);
    // A cursor that stands still would lead to the same page again.
    if (page.coins.length < Number(PAGE) || page.next === "" || page.next === after) return [...found.values()];
    after = page.next;
  }
  throw new PeerError(`the home lists coins on more than ${PAGES_MAX} pages`);
}
