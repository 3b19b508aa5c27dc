/** What a wallet asks of its keys, wherever they lie; no secret comes out. */

import type { Bytes } from "./bytes.js";
import type { Domain } from "./domain.js";
import { KeyLock } from "./lock.js";
import type { PublicKey } from "./suites.js";
import type { Witness } from "./transaction.js";

/** The code of what is refused because a key is not on this device: the phrase, typed once more, brings it. */
export const KEYS_MISSING = "KEYS_MISSING";

/** How a lock of the wallet is made again: by its index, or from the salt that its home chose for the main key. */
export type LockSource = { readonly index: number } | { readonly salt: Bytes };

/** The key that a wallet has in the lock of one of its pockets, and that lock's salt. */
export interface PocketKey {
  readonly key: PublicKey;
  readonly salt: Bytes;
  sign(digest: Bytes): Promise<Bytes>;
}

export interface Keyring {
  readonly domain: Domain;
  readonly mainKey: PublicKey;
  /** 16 bytes. */
  readonly walletId: Bytes;
  /** The first index of which there is no lock; locks are taken from 0 up. */
  readonly locksEnd: number;
  /** The main key's signature. */
  sign(message: Bytes): Promise<Bytes>;
  /** The ids of so many locks from `first` on, as far as there are any; null for one that this keyring lacks. */
  lockIds(first: number, count: number): Promise<(Bytes | null)[]>;
  /** What opens each of these locks for a transaction with this spend digest, in the same order. */
  witnesses(sources: readonly LockSource[], digest: Bytes): Promise<Witness[]>;
  /** The number of the pocket key that belongs to this request; asked again, the same. */
  pocketNumber(requestId: string): Promise<number>;
  /** Throws KEYS_MISSING where this keyring lacks it. */
  pocketKey(number: number): Promise<PocketKey>;
  /** What somebody sealed for the main key. */
  openSealed(sealed: Bytes, context: Bytes): Promise<Bytes>;
}

/** The id of the lock over the main key with this salt. */
export function saltedLockId(keys: Keyring, salt: Bytes): Bytes {
  return new KeyLock(keys.mainKey, salt).id(keys.domain);
}

/** How long work that nobody sees may hold up a page: a sixth of what people notice. */
const SLICE_MS = 16;

/** Do `work` for 0..count - 1, giving way to the page as often as it needs. */
export async function inSlices(count: number, work: (place: number) => void | Promise<void>): Promise<void> {
  let began = performance.now();
  for (let place = 0; place < count; place++) {
    await work(place);
    if (performance.now() - began < SLICE_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
  }
}
