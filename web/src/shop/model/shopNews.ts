/** What happens in a shop, told to its owner's device as it happens: the wallet's event stream, resumed for ever. */

import { follow } from "../../network/walletEvents";
import type { OwnerDesk } from "./app.svelte";

const PLACE = "tongbao.shop.heard.";
const ABOUT_ORDERS = /^(order|refund)\./;

export interface NewsReader {
  /** Something happened to an order; `kind` says what, as "order.paid". */
  heard(kind: string): void;
  /** Whether news come at once. */
  live(isLive: boolean): void;
}

/** Listen until the returned function is called; what was heard once is not told again. */
export function followShop(open: OwnerDesk, homeUrl: string, reader: NewsReader): () => void {
  const { walletId, signer } = open.wallet;
  const leaving = new AbortController();
  void follow({
    homeUrl,
    signer,
    walletId,
    after: localStorage.getItem(PLACE + walletId) ?? "",
    signal: leaving.signal,
    heard(event) {
      localStorage.setItem(PLACE + walletId, event.event_id);
      if (ABOUT_ORDERS.test(event.kind)) reader.heard(event.kind);
    },
    connected: (stands) => reader.live(stands),
  });
  return () => leaving.abort();
}
