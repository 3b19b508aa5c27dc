/** Which lock is which: the wallet's locks by id, the stocks that it signs, and which coins lie under them. */

import type { components } from "./api/institution.js";
import { fromHex, toBase64, toHex } from "./bytes.js";
import type { WalletKeys } from "./keys.js";
import type { KeptCoin } from "./purse.js";
import { signStock } from "./stock.js";

type WalletCoin = components["schemas"]["WalletCoin"];

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
