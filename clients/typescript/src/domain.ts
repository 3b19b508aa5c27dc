/** The tagged hash H and the domain in which every id of one currency is computed. */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, concat } from "./bytes.js";
import { HASH_BYTES, demandBytes, u8 } from "./encoding.js";
import { sm3 } from "./sm3.js";

export enum HashKind {
  Sha256 = 1,
  Sm3 = 2,
}

function untagged(kind: HashKind, data: Bytes): Bytes {
  return kind === HashKind.Sha256 ? sha256(data) : sm3(data);
}

/** What ids depend on besides their content, so that nothing signed for one network counts on another. */
export class Domain {
  constructor(
    readonly networkId: Bytes,
    readonly hashKind: HashKind,
  ) {
    demandBytes("network_id", networkId, HASH_BYTES);
  }

  /** The domain of the network that these bytes of genesis found. */
  static ofGenesis(genesis: Bytes, hashKind: HashKind): Domain {
    return new Domain(taggedHash(hashKind, "tongbao/genesis/1", genesis), hashKind);
  }

  /** H(tag, data), 32 bytes. */
  hash(tag: string, data: Bytes): Bytes {
    return taggedHash(this.hashKind, tag, data);
  }

  /** The bare hash, for the Merkle trees of RFC 6962, which separate their domains by a first byte. */
  untaggedHash(data: Bytes): Bytes {
    return untagged(this.hashKind, data);
  }
}

/** H: the tag keeps a hash made for one purpose from meaning anything for another. */
export function taggedHash(kind: HashKind, tag: string, data: Bytes): Bytes {
  const prefix = ascii(tag);
  return untagged(kind, concat(u8(prefix.length), prefix, data));
}
