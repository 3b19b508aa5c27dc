/** The keys of a phrase that looks for money which a lost passkey locked. */

import { toHex } from "../bytes.js";
import { inSlices } from "../keyring.js";
import { WalletKeys } from "../keys.js";
import type { OwnPocket } from "../pocketShelf.js";
import { type TimedTerms, termsIn, timedLock } from "./timedLocks.js";

/** Locks that are searched; a coin under a later one is not found. */
const LOCKS_SEARCHED = 4_096;

/** A lock of a passkey that was found, by the index of its later key. */
export interface TimedFound extends TimedTerms {
  readonly index: number;
  readonly lockId: string;
}

export class RecoveringKeys extends WalletKeys {
  /** Terms on which passkeys may have locked money. */
  former: readonly TimedTerms[] = [];
  readonly found: TimedFound[] = [];

  /** Learn the terms from what the home keeps, sealed; nobody but this phrase's owner knows the later keys in it. */
  learn(past: readonly OwnPocket[], nowMs: number): void {
    this.former = past.flatMap(({ party, words }) =>
      party === "maker" && words !== null ? termsIn(words.lock, words.purpose, nowMs) : [],
    );
  }

  async findTimed(lockIds: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const left = new Set(lockIds);
    if (this.former.length === 0) return new Map();
    await inSlices(LOCKS_SEARCHED, (index) => {
      if (left.size === 0) return;
      const { key, salt } = this.lockSecret(index);
      for (const terms of this.former) {
        const lockId = toHex(timedLock(terms, key, salt).id(this.domain));
        if (left.delete(lockId)) this.found.push({ ...terms, index, lockId });
      }
    });
    return new Map(this.found.map((each) => [each.lockId, each.index]));
  }

  opensAtMs = (index: number): number => this.found.find((each) => each.index === index)?.laterFromMs ?? 0;
}
