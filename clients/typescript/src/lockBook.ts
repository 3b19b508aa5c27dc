/** Which lock is which: the wallet's locks by id, the stocks that it signs, and which coins lie under them. */

import type { components } from "./api/institution.js";
import { fromHex, toBase64, toHex } from "./bytes.js";
import { TongbaoError } from "./errors.js";
import { KEYS_MISSING, type Keyring, saltedLockId } from "./keyring.js";
import type { ChangeLock } from "./payment.js";
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
  readonly #indexes = new Map<string, number>();
  /** Locks that were not found, with the end of the keyring at that time: they are searched for again when it has grown. */
  readonly #searchedTo = new Map<string, number>();

  constructor(
    private readonly keys: Keyring,
    private readonly home: number,
  ) {}

  /** How many locks nobody was given yet, where `next` is the first of them. */
  freshFrom(next: number): number {
    return Math.max(this.keys.locksEnd - next, 0);
  }

  /** Know so many locks from `first` on, as far as there are any; returns their ids. */
  async derive(first: number, count: number): Promise<string[]> {
    const found = await this.keys.lockIds(first, count);
    return found.flatMap((lockId, place) => {
      if (lockId === null) return [];
      const text = toHex(lockId);
      this.#indexes.set(text, first + place);
      return [text];
    });
  }

  /**
   * Where change goes while `next` is the first fresh lock. A keyring that has no fresh one uses its last again: who
   * reads the ledger sees then that this change is one owner's. A lock over the main key would show as much, and its
   * salt, which nobody is told, could not be found again with the phrase.
   */
  async forChange(next: number): Promise<ChangeLock> {
    const index = Math.min(next, this.keys.locksEnd - 1);
    const [text] = await this.derive(index, 1);
    if (text === undefined) {
      throw new TongbaoError("no key for change is on this device", KEYS_MISSING, "", "type the recovery phrase");
    }
    return { index, lockId: fromHex(text) };
  }

  /** Derive on from `first` until each coin has found its lock; returns the first index behind the last that was found. */
  async deriveAsFarAs(found: readonly WalletCoin[], first: number): Promise<number> {
    const wanted = new Set(found.filter((each) => this.#isWorthSearching(each)).map(({ coin }) => coin.lock_id));
    const end = Math.min(first + LOCKS_AHEAD_MAX, this.keys.locksEnd);
    let behind = Math.max(first, await this.#findTimed(wanted));
    for (let next = first; wanted.size > 0 && next < end; next += LOCKS_AT_ONCE) {
      for (const lockId of await this.derive(next, LOCKS_AT_ONCE)) {
        if (wanted.delete(lockId)) behind = Math.max(behind, (this.#indexes.get(lockId) ?? 0) + 1);
      }
    }
    for (const lockId of wanted) this.#searchedTo.set(lockId, this.keys.locksEnd);
    return behind;
  }

  /** The same for a wallet that has lost its store, and a gap behind the last lock that was found. */
  async deriveBehind(found: readonly WalletCoin[], first: number): Promise<number> {
    const wanted = new Set(found.filter((each) => this.isUnknown(each)).map(({ coin }) => coin.lock_id));
    let behind = Math.max(first, await this.#findTimed(wanted));
    let next = first;
    while (next < behind + LOCKS_GAP || (wanted.size > 0 && next < first + LOCKS_AHEAD_MAX)) {
      for (const lockId of await this.derive(next, LOCKS_AT_ONCE)) {
        if (wanted.delete(lockId)) behind = next + LOCKS_AT_ONCE;
      }
      next += LOCKS_AT_ONCE;
    }
    return Math.min(next, this.keys.locksEnd);
  }

  /** Take those that a passkey of earlier days opens out of what is wanted; returns the index behind the last of them. */
  async #findTimed(wanted: Set<string>): Promise<number> {
    const timed = wanted.size > 0 ? await this.keys.findTimed?.(wanted) : undefined;
    let behind = 0;
    for (const [lockId, index] of timed ?? []) {
      this.#indexes.set(lockId, index);
      wanted.delete(lockId);
      behind = Math.max(behind, index + 1);
    }
    return behind;
  }

  /** The main key's signature over a stock of these locks, as messages carry it. */
  async stockSignature(lockIds: readonly string[]): Promise<string> {
    return toBase64(await signStock(lockIds.map((lockId) => fromHex(lockId)), this.keys));
  }

  /** Whether the coin lies on a lock that was not derived here. */
  isUnknown({ coin, salt }: WalletCoin): boolean {
    return salt == null && !this.#indexes.has(coin.lock_id);
  }

  #isWorthSearching(each: WalletCoin): boolean {
    return this.isUnknown(each) && this.#searchedTo.get(each.coin.lock_id) !== this.keys.locksEnd;
  }

  /** The coin as the wallet keeps it; null where its lock is not this wallet's. */
  kept({ coin, salt }: WalletCoin): KeptCoin | null {
    const lockIndex = salt == null ? this.#indexes.get(coin.lock_id) : null;
    if (lockIndex === undefined || coin.home !== this.home || coin.asset !== 0) return null;
    if (salt != null && toHex(saltedLockId(this.keys, fromHex(salt))) !== coin.lock_id) return null;
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
