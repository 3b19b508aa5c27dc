/** What a wallet asks of its keys, wherever they lie; no secret comes out. */

import type { Bytes } from "./bytes.js";
import type { Domain } from "./domain.js";
import { KeyLock, type TimedLock } from "./lock.js";
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
  /** Learn what another tab has added; of keyrings that tabs share. */
  refresh?(): Promise<void>;
  /** The indexes of locks among these that a passkey of earlier days opens; ids in hexadecimal. */
  findTimed?(lockIds: ReadonlySet<string>): Promise<ReadonlyMap<string, number>>;
  /** The ledger time from which this keyring opens the lock; 0 for any time. */
  opensAtMs?(index: number): number;
  /** Of a keyring whose locks a passkey opens. */
  readonly guard?: Guard | null;
}

/** What a passkey wallet does besides: its locks have a time in them, and its home keeps what recovery needs. */
export interface Guard {
  /** Of the description that the home keeps; null until it does. */
  readonly describedAs: string | null;
  /** The passkey that opens, as locks name it. */
  readonly passkey: PublicKey;
  /** The lock that describes all others, with the number of its own later key, for sealing. */
  describe(timeMs: number): { readonly lock: TimedLock; readonly number: number; readonly purpose: string };
  /** The home keeps it. */
  described(pocketId: string): Promise<void>;
  /** The ledger time from which the phrase alone opens the lock, too. */
  phraseFromMs(index: number): number;
  /** See that locks from `next` on are made as they should be at this ledger time; kept when it returns. */
  renew(next: number, timeMs: number): Promise<void>;
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
