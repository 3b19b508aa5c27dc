/** What a log says of its tree, by C2SP's tlog-checkpoint; proves something once it is signed. */

import type { Bytes } from "../bytes.js";
import { HASH_BYTES } from "../encoding.js";
import { DecodingError } from "../errors.js";
import { base64Bytes } from "./signedText.js";

const ORIGIN_BYTES_MAX = 255; // the one byte of length that a cosignature gives to it
const SIZE_BITS = 63n; // so that places and sizes fit a signed number of 64 bits everywhere
const SIZE = /^(?:0|[1-9][0-9]{0,18})$/; // no leading zeros, at most as many digits as 2^63 has

export interface Checkpoint {
  /** Which log, in one line. */
  readonly origin: string;
  /** Number of entries. */
  readonly size: bigint;
  /** 32 bytes: the RFC 6962 root over them, of SHA-256. */
  readonly root: Bytes;
}

/** The number that `text` writes in decimal, below 2^63. */
export function readSize(text: string, field = "size"): bigint {
  const size = SIZE.test(text) ? BigInt(text) : -1n;
  if (size < 0n || size >> SIZE_BITS) {
    throw new DecodingError("a size is a decimal number below 2^63 without leading zeros", field);
  }
  return size;
}

/** The checkpoint whose whole text is `text`; further lines may follow its three. */
export function readCheckpoint(text: string): Checkpoint {
  const lines = text.slice(0, -1).split("\n");
  const [origin = "", size = "", root = ""] = lines;
  if (lines.length < 3 || lines.includes("")) {
    throw new DecodingError("a checkpoint has at least three lines: origin, size and root", "checkpoint");
  }
  if (new TextEncoder().encode(origin).length > ORIGIN_BYTES_MAX) {
    throw new DecodingError(`an origin has 1..${ORIGIN_BYTES_MAX} bytes`, "origin");
  }
  const checkpoint = { origin, size: readSize(size), root: base64Bytes(root, "root") };
  if (checkpoint.root.length !== HASH_BYTES) throw new DecodingError(`root has ${HASH_BYTES} bytes`, "root");
  return checkpoint;
}
