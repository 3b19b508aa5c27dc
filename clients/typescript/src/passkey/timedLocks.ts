/**
 * Locks of a passkey wallet: kind 2, opened by the passkey at any time, and from a ledger time on by a key of the phrase.
 *
 *     key       the passkey
 *     later_key m / 29794' / network' / account' / 1' / index', the key that lock `index` of any other wallet has
 *     from      the end of the next period of 30 days after the one in which the lock was made
 *     salt      of that node, as in every lock
 */

import type { Bytes } from "../bytes.js";
import { TimedLock } from "../lock.js";
import { PublicKey } from "../suites.js";
import { PASSKEY_SUITE } from "./passkeyKey.js";

/** Whoever lost a passkey waits 30 to 60 days. Periods are the same for everybody, so that they tell nobody apart. */
export const PERIOD_MS = 30 * 86_400_000;

/** Thirty years of periods: nobody has to search further. */
const TERMS_MAX = 400;

/** From when on the phrase opens a lock that is made now. */
export function laterFromMs(nowMs: number, periodMs = PERIOD_MS): number {
  return (Math.floor(nowMs / periodMs) + 2) * periodMs;
}

/** What of a lock is not of its own node. */
export interface TimedTerms {
  /** Suite 3, encoded as a key. */
  readonly passkey: Bytes;
  readonly laterFromMs: number;
}

export function timedLock(terms: TimedTerms, laterKey: PublicKey, salt: Bytes): TimedLock {
  return new TimedLock(PublicKey.decode(terms.passkey), laterKey, BigInt(terms.laterFromMs), [], [], salt);
}

/** Every term that locks of this passkey can have been made on, from the first one's until now. */
function termsUntil(first: TimedTerms, nowMs: number, periodMs: number): TimedTerms[] {
  const terms: TimedTerms[] = [];
  const last = Math.min(laterFromMs(nowMs, periodMs), first.laterFromMs + (TERMS_MAX - 1) * periodMs);
  for (let time = first.laterFromMs; time <= last; time += periodMs) {
    terms.push({ passkey: first.passkey, laterFromMs: time });
  }
  return terms;
}

/** What the purpose of a wallet's description begins with; the period follows. */
const DESCRIPTION = "tongbao/passkey/1 ";

export function purposeOf(periodMs: number): string {
  return `${DESCRIPTION}${periodMs}`;
}

export function isDescription(purpose: string): boolean {
  return purpose.startsWith(DESCRIPTION);
}

/** The terms that a description stands for, up to now; none where it is no description of a passkey. */
export function termsIn(lock: TimedLock, purpose: string, nowMs: number): TimedTerms[] {
  const periodMs = Number(isDescription(purpose) ? purpose.slice(DESCRIPTION.length) : Number.NaN);
  if (lock.key.suite !== PASSKEY_SUITE || !Number.isSafeInteger(periodMs) || periodMs < 1) return [];
  const first = { passkey: lock.key.encode(), laterFromMs: Number(lock.laterFromMs) };
  return termsUntil(first, nowMs, periodMs);
}
