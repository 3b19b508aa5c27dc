/** Merkle trees by RFC 6962 section 2.1, over the ledger's H. */

import { type Bytes, concat } from "./bytes.js";
import type { Domain } from "./domain.js";
import { HASH_BYTES, demandBytes, u8 } from "./encoding.js";
import { TongbaoError } from "./errors.js";

export function leafHash(data: Bytes, domain: Domain): Bytes {
  return domain.untaggedHash(concat(u8(0), data));
}

function nodeHash(left: Bytes, right: Bytes, domain: Domain): Bytes {
  return domain.untaggedHash(concat(u8(1), left, right));
}

/** The root over leaf hashes; of an empty list the hash of nothing. */
export function rootOf(leaves: readonly Bytes[], domain: Domain): Bytes {
  let level = [...leaves];
  while (level.length > 1) {
    const above: Bytes[] = [];
    for (let place = 0; place < level.length; place += 2) {
      const [left, right] = [level[place] as Bytes, level[place + 1]];
      above.push(right === undefined ? left : nodeHash(left, right, domain));
    }
    level = above;
  }
  return level[0] ?? domain.untaggedHash(new Uint8Array());
}

/** The root that `path` leads to from the leaf hash at `index` of `count`. */
export function rootFromPath(
  leaf: Bytes,
  path: readonly Bytes[],
  index: number | bigint,
  count: number | bigint,
  domain: Domain,
): Bytes {
  if (index < 0 || index >= count) throw wrong(`a tree of ${count} leaves has no leaf ${index}`);
  for (const hash of [leaf, ...path]) demandBytes("path", hash, HASH_BYTES);
  const siblings = [...path];
  let [node, place, last] = [leaf, BigInt(index), BigInt(count) - 1n];
  while (last) {
    if (place & 1n || place < last) {
      const sibling = siblings.shift();
      if (sibling === undefined) throw wrong("the inclusion path is too short");
      node = place & 1n ? nodeHash(sibling, node, domain) : nodeHash(node, sibling, domain);
    }
    place >>= 1n;
    last >>= 1n;
  }
  if (siblings.length) throw wrong("the inclusion path is too long");
  return node;
}

function wrong(reason: string): TongbaoError {
  return new TongbaoError(reason, "BAD_REQUEST", "path");
}
