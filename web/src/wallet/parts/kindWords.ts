/** What kinds of entries are called. */

import { wallet } from "../../words/wallet";
import type { EntryKind } from "../model/history";

export function kindWords(kind: EntryKind): string {
  switch (kind) {
    case "payment":
      return wallet.kindPayment;
    case "received":
      return wallet.kindReceived;
    case "refund":
      return wallet.kindRefund;
    case "pocket":
      return wallet.kindPocket;
    case "exchange":
      return wallet.kindExchange;
    case "deposit":
      return wallet.kindDeposit;
    case "other":
      return wallet.kindOther;
  }
}
