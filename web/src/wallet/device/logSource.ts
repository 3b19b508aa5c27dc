/** Where a wallet's page has proofs of the transparency log from: this device, or the registration centre. */

import { PATIENCE, SignedClient, fromBase64 } from "@tongbao/client";
import { type Network, urlOf } from "../../network/network";
import type { LogSource } from "../model/logStanding";
import type { Shelf } from "./shelf";

/** The log covers what settled after a second or so; somebody waits for the answer. */
const ATTEMPTS_MAX = 5;

/** Proofs for one wallet of this browser; whoever knows a transaction's id may ask for its receipt. */
export function logSource(known: Network, shelf: Shelf, profileId: string): LogSource {
  const centre = new SignedClient(urlOf(known.centre_path), null, { ...PATIENCE, attemptsMax: ATTEMPTS_MAX });
  return {
    keys: known.log_keys ?? [],
    kept: (transactionId) => shelf.loggedReceipt(profileId, transactionId),
    keep: (transactionId, receipt) => shelf.keepLoggedReceipt(profileId, transactionId, receipt),
    ask: async (transactionId) => {
      const answer = await centre.get<{ receipt: string }>(`/v1/receipts/${transactionId}`);
      return fromBase64(answer.receipt, "receipt");
    },
  };
}
