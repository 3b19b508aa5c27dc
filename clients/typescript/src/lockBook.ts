/** Which lock is which: the wallet's locks by id, the stocks that it signs, and which coins lie under them. */

import type { components } from "./api/institution.js";
import { fromHex, toBase64, toHex } from "./bytes.js";
import type { WalletKeys } from "./keys.js";
import type { KeptCoin } from "./purse.js";
import { signStock } from "./stock.js";

type WalletCoin = components["schemas"]["WalletCoin"];

/** Locks derived at a time when coins lie on unknown ones. */
const LOCKS_AT_ONCE = 512;
/** Behind the last lock that is known: a full stock at the home, and another that was signed and never arrived. */
export const LOCKS_GAP = 2 * LOCKS_AT_ONCE;
/** A coin whose lock is further on is nobody's: deriving so many takes a phone half a minute. */
const LOCKS_AHEAD_MAX = 16 * LOCKS_AT_ONCE;

export class LockBook {
  #indexes = new Map<string, number>();

  constructor(
    private readonly keys: WalletKeys,
    private readonly home: number,
  ) {}

  /** Know so many locks from `first` on; returns their ids. */
  derive(first: number, count: number): string[] {
    return Array.from({ length: count }, (_, place) => {
      const lockId = toHex(this.keys.lockId({ index: first + place }));
      this.#indexes.set(lockId, first + place);
      return lockId;
    });
  }

  /** Derive on from `first` until each coin has found its lock; returns the first index that was not derived. */
  deriveAsFarAs(found: readonly WalletCoin[], first: number): number {
    let next = first;
    while (found.some((each) => this.isUnknown(each)) && next < first + LOCKS_AHEAD_MAX) {
      this.derive(next, LOCKS_AT_ONCE);
      next += LOCKS_AT_ONCE;
    }
    return next;
  }

  /** The same for a wallet that has lost its store, and a gap behind the last lock that was found. */
  deriveBehind(found: readonly WalletCoin[], first: number): number {
    let next = first;
    let unknown = found.filter((each) => this.isUnknown(each));
    for (let gap = 0; gap < LOCKS_GAP || (unknown.length > 0 && next < first + LOCKS_AHEAD_MAX); ) {
      this.derive(next, LOCKS_AT_ONCE);
      next += LOCKS_AT_ONCE;
      const left = unknown.filter((each) => this.isUnknown(each));
      gap = left.length < unknown.length ? 0 : gap + LOCKS_AT_ONCE;
      unknown = left;
    }
    return next;
  }

  /** The main key's signature over a stock of these locks, as messages carry it. */
  stockSignature(lockIds: readonly string[]): string {
    const ids = lockIds.map((lockId) => fromHex(lockId));
    return toBase64(signStock(ids, this.keys.domain, this.keys.main));
  }

  /** Whether the coin lies on a lock that was not derived here. */
  isUnknown({ coin, salt }: WalletCoin): boolean {
    return salt == null && !this.#indexes.has(coin.lock_id);
  }

  /** The coin as the wallet keeps it; null where its lock is not this wallet's. */
  kept({ coin, salt }: WalletCoin): KeptCoin | null {
    const lockIndex = salt == null ? this.#indexes.get(coin.lock_id) : null;
    if (lockIndex === undefined || coin.home !== this.home || coin.asset !== 0) return null;
    if (salt != null && toHex(this.keys.lockId({ salt: fromHex(salt) })) !== coin.lock_id) return null;
    return {
      coinId: coin.coin_id,
      origin: coin.origin,
      index: coin.index,
      valueFen: coin.value,
      home: coin.home,
      lockId: coin.lock_id,
      lockIndex,
      salt: salt ?? null,
    };
  }
}
