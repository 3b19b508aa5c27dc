/** Turning deposit into coins: asked again in the same words until somebody can say how it ended. */

import type { components } from "./api/institution.js";
import { NetworkError, PeerError, TongbaoError } from "./errors.js";
import { sleep } from "./signedClient.js";

export type Exchange = components["schemas"]["Exchange"];

const ASKINGS_MAX = 6;
/** As for payments: a home that has recorded an exchange hears of its batch within a second. */
const PAUSE_MS = 250;

/** What each refusal of an exchange means, and its cure. */
const REFUSALS: Readonly<Record<string, readonly [message: string, cure: string]>> = {
  DEPOSIT_TOO_SMALL: [
    "the deposit is smaller than the amount to be exchanged",
    "exchange less, or pay money into the deposit first",
  ],
  LIMIT_BALANCE: [
    "with so much more the wallet would hold more than one of its class may",
    "exchange less, or turn coins into deposit first",
  ],
  VAULT_INSUFFICIENT: [
    "the vault of the wallet's home does not hold the amount",
    "exchange less, or ask again once the institution has been issued money",
  ],
  COINS_TOO_SMALL: [
    "the vault of the wallet's home holds the amount only in more coins than one transaction may spend",
    "exchange it in parts",
  ],
};

/**
 * The exchange once it has settled; `ask` sends the same request with the same key each time. Throws the status of one
 * that is refused, of which nothing moved, and NETWORK where nobody can say yet: then asking again is safe.
 */
export async function exchanged(amountFen: number, ask: () => Promise<Exchange>): Promise<Exchange> {
  for (let attempt = 1; attempt <= ASKINGS_MAX; attempt++) {
    const exchange = await ask();
    if (exchange.state === "refused") throw refusal(exchange.status, amountFen);
    if (exchange.state === "settled") {
      if (exchange.amount_fen === amountFen) return exchange;
      throw new PeerError(`the home exchanges ${exchange.amount_fen} fen instead of ${amountFen}`);
    }
    await sleep(PAUSE_MS * attempt);
  }
  throw new NetworkError(`the exchange of ${amountFen} fen is on its way; asking again in the same words is safe`);
}

function refusal(status: string, amountFen: number): TongbaoError {
  const known = REFUSALS[status];
  if (known === undefined) {
    return new TongbaoError("the exchange is refused by the ledger", status, "", "ask again: nothing has moved");
  }
  return new TongbaoError(`${known[0]}: ${amountFen} fen`, status, "amount_fen", known[1]);
}
