/** The tree of keys that a phrase becomes: SLIP-0010 for Ed25519, every step hardened. */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, concat } from "./bytes.js";
import type { Domain } from "./domain.js";
import { u8, u32 } from "./encoding.js";
import { TongbaoError } from "./errors.js";

const PURPOSE = 0x7462; // "tb"
export const INDEX_MAX = 2 ** 31 - 1;

/** What the last step of a wallet's path leads to. */
export const MAIN_STEP = 0;
export const LOCKS_STEP = 1;
export const POCKETS_STEP = 3;

export interface Node {
  readonly secret: Bytes;
  readonly chainCode: Bytes;
}

function nodeOf(digest: Bytes): Node {
  return { secret: digest.slice(0, 32), chainCode: digest.slice(32) };
}

export function child(node: Node, index: number): Node {
  if (!Number.isInteger(index) || index < 0 || index > INDEX_MAX) {
    throw new TongbaoError(`a step is numbered 0..${INDEX_MAX}, this one ${index}`, "BAD_REQUEST", "index");
  }
  return nodeOf(hmac(sha512, node.chainCode, concat(u8(0), node.secret, u32(2 ** 31 + index))));
}

/** `m / 29794' / network' / account'`: where all keys of one wallet hang. */
export function walletNode(seed: Bytes, domain: Domain, account: number): Node {
  const network = new DataView(domain.networkId.buffer, domain.networkId.byteOffset).getUint32(0) & INDEX_MAX;
  const master = nodeOf(hmac(sha512, ascii("ed25519 seed"), seed));
  return [PURPOSE, network, account].reduce(child, master);
}

/** A salt becomes public when the coin is spent; the chain code behind it does not. */
export function saltOf(node: Node): Bytes {
  return sha256(concat(ascii("tongbao/lock-salt/1"), node.chainCode));
}
