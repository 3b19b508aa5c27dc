/**
 * A wallet's keys in memory, made from its phrase: a tree of keys (SLIP-0010, every step hardened).
 *
 *     m / 29794' / network' / account' / 0'            the main key: wallet id, requests, stocks of locks
 *     m / 29794' / network' / account' / 1' / index'   the key of lock `index`; its salt comes from the chain code
 *     m / 29794' / network' / account' / 3' / number'  the key of pocket `number`; its lock's salt as above
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, concat } from "./bytes.js";
import { INDEX_MAX, LOCKS_STEP, MAIN_STEP, type Node, POCKETS_STEP, child, saltOf, walletNode } from "./derivation.js";
import type { Domain } from "./domain.js";
import { type Keyring, type LockSource, type PocketKey, inSlices } from "./keyring.js";
import { KeyLock } from "./lock.js";
import { openSealed } from "./sealing.js";
import { PublicKey, SigningKey } from "./suites.js";
import type { Witness } from "./transaction.js";

export function walletIdOf(key: PublicKey, domain: Domain): Bytes {
  return domain.hash("tongbao/wallet/1", key.encode()).slice(0, 16);
}

/** The number of the pocket that a request makes, where any key can be derived. */
export function pocketNumberOf(requestId: string): number {
  const digest = sha256(concat(ascii("tongbao/pocket-number/1"), ascii(requestId)));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0) & INDEX_MAX;
}

/** A key with the salt of its lock, as one node of the tree gives both. */
export interface Derived {
  readonly secret: Bytes;
  readonly key: PublicKey;
  readonly salt: Bytes;
}

function derived(node: Node): Derived {
  const { secret } = node;
  return { secret, key: PublicKey.ed25519(new SigningKey(secret).publicKey), salt: saltOf(node) };
}

/** What a recovery derives once to find coins and once more to keep their keys: a megabyte at most. */
const DERIVED_KEPT_MAX = 4_096;

/** All keys of one wallet, from 16..64 secret bytes, which stay in memory: for programs, and while a phrase is typed. */
export class WalletKeys implements Keyring {
  readonly main: SigningKey;
  readonly mainKey: PublicKey;
  readonly walletId: Bytes;
  readonly locksEnd = INDEX_MAX + 1;
  readonly #mainSeed: Bytes;
  readonly #locks: Node;
  readonly #pockets: Node;
  readonly #derived = new Map<number, Derived>();

  constructor(
    seed: Bytes,
    readonly domain: Domain,
    account = 0,
  ) {
    const wallet = walletNode(seed, domain, account);
    this.#mainSeed = child(wallet, MAIN_STEP).secret;
    this.main = new SigningKey(this.#mainSeed);
    this.mainKey = PublicKey.ed25519(this.main.publicKey);
    this.walletId = walletIdOf(this.mainKey, domain);
    this.#locks = child(wallet, LOCKS_STEP);
    this.#pockets = child(wallet, POCKETS_STEP);
  }

  sign = async (message: Bytes): Promise<Bytes> => this.main.sign(message);

  async lockIds(first: number, count: number): Promise<Bytes[]> {
    const found: Bytes[] = [];
    await inSlices(count, (place) => void found.push(this.lockId({ index: first + place })));
    return found;
  }

  async witnesses(sources: readonly LockSource[], digest: Bytes): Promise<Witness[]> {
    return sources.map((source) => this.witness(source, digest));
  }

  pocketNumber = async (requestId: string): Promise<number> => pocketNumberOf(requestId);

  async pocketKey(number: number): Promise<PocketKey> {
    const { secret, key, salt } = this.pocketSecret(number);
    return { key, salt, sign: async (digest) => new SigningKey(secret).sign(digest) };
  }

  openSealed = (sealed: Bytes, context: Bytes): Promise<Bytes> => openSealed(sealed, this.#mainSeed, context);

  // --- at once, and the secrets themselves --------------------------------------------------------------------------

  /** The lock that comes from there. */
  lock(source: LockSource): KeyLock {
    return this.#open(source).lock;
  }

  /** What opens the lock for a transaction with this spend digest. */
  witness(source: LockSource, digest: Bytes): Witness {
    const { lock, signer } = this.#open(source);
    return { lock, path: 0, signature: signer.sign(digest) };
  }

  lockId(source: LockSource): Bytes {
    return this.lock(source).id(this.domain);
  }

  /** For a device that keeps the key where it cannot be read again. */
  mainSecret = (): Bytes => this.#mainSeed;

  lockSecret(index: number): Derived {
    const known = this.#derived.get(index);
    if (known !== undefined) return known;
    const made = derived(child(this.#locks, index));
    if (this.#derived.size < DERIVED_KEPT_MAX) this.#derived.set(index, made);
    return made;
  }

  pocketSecret = (number: number): Derived => derived(child(this.#pockets, number));

  #open(source: LockSource): { lock: KeyLock; signer: SigningKey } {
    if ("salt" in source) return { lock: new KeyLock(this.mainKey, source.salt), signer: this.main };
    const { secret, key, salt } = this.lockSecret(source.index);
    return { lock: new KeyLock(key, salt), signer: new SigningKey(secret) };
  }
}
