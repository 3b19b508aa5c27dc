/** What a wallet believes of ledger time: its home tells it, and that word is not taken on trust. */

import { PeerError } from "./errors.js";

const DAY_MS = 86_400_000;

/** Ledger time follows a wall clock, and a home takes no request that is signed minutes from its own: a day is plenty. */
const AHEAD_MAX_MS = DAY_MS;
/** Ledger time stands still while nothing settles; after a week a passkey's locks still keep the phrase waiting for three. */
const BEHIND_MAX_MS = 7 * DAY_MS;
/** A home may hear of another home's batches later than its customers do, but asks the centre more often than this. */
const LAG_MAX_MS = DAY_MS / 24;

/**
 * Compares a home's word with this device's clock and with what the registration centre signed. The latter is forgotten
 * with the page, since officers may set ledger time back.
 */
export class LedgerTime {
  #signedMs = 0;

  /** The centre signed that it was this late. */
  heard(signedMs: number): void {
    this.#signedMs = Math.max(this.#signedMs, signedMs);
  }

  /** The time, if it can be now: for what is made for a time, and is wrong for ever where that was a lie. */
  demandNow(timeMs: number): number {
    const earliestMs = Math.max(this.#signedMs - LAG_MAX_MS, Date.now() - BEHIND_MAX_MS);
    if (timeMs < earliestMs) throw impossible(timeMs, "long ago");
    return this.demandNotAhead(timeMs);
  }

  /** The time, unless it is far ahead. One that is long ago does no harm to a payment, which expires the sooner. */
  demandNotAhead(timeMs: number): number {
    if (timeMs > Math.max(this.#signedMs, Date.now()) + AHEAD_MAX_MS) throw impossible(timeMs, "far ahead");
    return timeMs;
  }
}

function impossible(timeMs: number, why: string): PeerError {
  return new PeerError(
    `the home names a ledger time that is ${why}, ${timeMs} ms, by this device's clock, which should be looked at, ` +
      "and by what the centre signed; nothing was signed",
  );
}
