/**
 * A wallet's keys: a phrase (BIP-39) becomes a seed, the seed a tree of keys (SLIP-0010, every step hardened).
 *
 *     m / 29794' / network' / account' / 0'            the main key: wallet id, requests, stocks of locks
 *     m / 29794' / network' / account' / 1' / index'   the key of lock `index`; its salt comes from the chain code
 *     m / 29794' / network' / account' / 3' / number'  the key of pocket `number`; its lock's salt as above
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from "@scure/bip39";
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as chinese } from "@scure/bip39/wordlists/simplified-chinese.js";
import { type Bytes, ascii, concat } from "./bytes.js";
import type { Domain } from "./domain.js";
import { u8, u32 } from "./encoding.js";
import { TongbaoError } from "./errors.js";
import { KeyLock } from "./lock.js";
import { openSealed } from "./sealing.js";
import { PublicKey, SigningKey } from "./suites.js";
import type { Witness } from "./transaction.js";

const PURPOSE = 0x7462; // "tb"
export const INDEX_MAX = 2 ** 31 - 1;
const WORDLISTS = { english, chinese };
const ENTROPY_BITS = { 12: 128, 24: 256 } as const;

export type Language = keyof typeof WORDLISTS;

/** A new phrase of 12 or 24 words, from the system's randomness. */
export function newPhrase(words: 12 | 24 = 12, language: Language = "english"): string {
  return generateMnemonic(WORDLISTS[language], ENTROPY_BITS[words]);
}

/** The phrase as it was made, from what somebody typed: case, spaces and missing spaces between hanzi are forgiven. */
export function readPhrase(typed: string): string {
  let words = typed.normalize("NFKD").toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 1 && !/^[ -~]*$/.test(words[0] ?? "")) words = Array.from(words[0] ?? "");
  const phrase = words.join(" ");
  if (words.length !== 12 && words.length !== 24) {
    throw invalid(`it has ${words.length} words, not 12 or 24`, "type all words in their order");
  }
  if (!Object.values(WORDLISTS).some((list) => validateMnemonic(phrase, list))) {
    throw invalid("its words do not belong together", "compare each word and their order with your copy");
  }
  return phrase;
}

function invalid(reason: string, cure: string): TongbaoError {
  return new TongbaoError(`this is no recovery phrase: ${reason}`, "PHRASE_INVALID", "phrase", cure);
}

export function seedOf(phrase: string): Bytes {
  return mnemonicToSeedSync(phrase);
}

interface Node {
  readonly secret: Bytes;
  readonly chainCode: Bytes;
}

function nodeOf(digest: Bytes): Node {
  return { secret: digest.slice(0, 32), chainCode: digest.slice(32) };
}

function child(node: Node, index: number): Node {
  if (!Number.isInteger(index) || index < 0 || index > INDEX_MAX) {
    throw new TongbaoError(`a step is numbered 0..${INDEX_MAX}, this one ${index}`, "BAD_REQUEST", "index");
  }
  return nodeOf(hmac(sha512, node.chainCode, concat(u8(0), node.secret, u32(2 ** 31 + index))));
}

export function walletIdOf(key: PublicKey, domain: Domain): Bytes {
  return domain.hash("tongbao/wallet/1", key.encode()).slice(0, 16);
}

/** How a lock of the wallet is made again: by its index, or from the salt that its home chose for the main key. */
export type LockSource = { readonly index: number } | { readonly salt: Bytes };

/** All keys of one wallet, from 16..64 secret bytes. */
export class WalletKeys {
  readonly main: SigningKey;
  readonly mainKey: PublicKey;
  readonly walletId: Bytes;
  readonly #mainSeed: Bytes;
  readonly #locks: Node;
  readonly #pockets: Node;

  constructor(
    seed: Bytes,
    readonly domain: Domain,
    account = 0,
  ) {
    const network = new DataView(domain.networkId.buffer, domain.networkId.byteOffset).getUint32(0) & INDEX_MAX;
    const master = nodeOf(hmac(sha512, ascii("ed25519 seed"), seed));
    const wallet = [PURPOSE, network, account].reduce(child, master);
    this.#mainSeed = child(wallet, 0).secret;
    this.main = new SigningKey(this.#mainSeed);
    this.mainKey = PublicKey.ed25519(this.main.publicKey);
    this.walletId = walletIdOf(this.mainKey, domain);
    this.#locks = child(wallet, 1);
    this.#pockets = child(wallet, 3);
  }

  /** The lock that comes from there. */
  lock(source: LockSource): KeyLock {
    return this.#open(source).lock;
  }

  /** What opens the lock for a transaction with this spend digest. */
  witness(source: LockSource, digest: Bytes): Witness {
    const { lock, key } = this.#open(source);
    return { lock, path: 0, signature: key.sign(digest) };
  }

  lockId(source: LockSource): Bytes {
    return this.lock(source).id(this.domain);
  }

  /** The key that the wallet has in the lock of its pocket `number`, and that lock's salt. */
  pocketKey(number: number): { signer: SigningKey; salt: Bytes } {
    const node = child(this.#pockets, number);
    return { signer: new SigningKey(node.secret), salt: saltOf(node) };
  }

  /** What somebody sealed for this wallet's main key. */
  openSealed = (sealed: Bytes, context: Bytes): Promise<Bytes> => openSealed(sealed, this.#mainSeed, context);

  #open(source: LockSource): { lock: KeyLock; key: SigningKey } {
    if ("salt" in source) return { lock: new KeyLock(this.mainKey, source.salt), key: this.main };
    const node = child(this.#locks, source.index);
    const key = new SigningKey(node.secret);
    return { lock: new KeyLock(PublicKey.ed25519(key.publicKey), saltOf(node)), key };
  }
}

/** A salt becomes public when the coin is spent; the chain code behind it does not. */
function saltOf(node: Node): Bytes {
  return sha256(concat(ascii("tongbao/lock-salt/1"), node.chainCode));
}
