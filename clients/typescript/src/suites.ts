/** Keys with the suite that gives them meaning. Ed25519 by ZIP 215 is the one that is in force. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { type Bytes, concat, equal } from "./bytes.js";
import { Reader, decodeWhole, sizedU16, u8 } from "./encoding.js";
import { TongbaoError } from "./errors.js";

export const ED25519 = 1;
const KEY_BYTES_MAX = 2048;
const SIGNATURE_BYTES_MAX = 4096;

export class PublicKey {
  constructor(
    readonly suite: number,
    readonly key: Bytes,
  ) {
    if (key.length < 1 || key.length > KEY_BYTES_MAX) {
      throw new TongbaoError(`a key has 1..${KEY_BYTES_MAX} bytes, this one ${key.length}`, "BAD_REQUEST", "key");
    }
  }

  static ed25519 = (key: Bytes): PublicKey => new PublicKey(ED25519, key);

  encode(): Bytes {
    return concat(u8(this.suite), sizedU16(this.key));
  }

  equals(other: PublicKey): boolean {
    return this.suite === other.suite && equal(this.key, other.key);
  }

  static read(reader: Reader): PublicKey {
    const suite = reader.u8();
    const key = reader.sizedU16();
    return reader.build(() => new PublicKey(suite, key));
  }

  static decode = (data: Bytes): PublicKey => decodeWhole(data, "key", PublicKey.read);
}

export function readSignature(reader: Reader): Bytes {
  const signature = reader.sizedU16();
  if (signature.length > SIGNATURE_BYTES_MAX) {
    throw reader.error(`a signature has at most ${SIGNATURE_BYTES_MAX} bytes, this one ${signature.length}`);
  }
  return signature;
}

/** Whether an Ed25519 signature is valid by ZIP 215. */
export function verifyEd25519(key: Bytes, signature: Bytes, message: Bytes): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, key, { zip215: true });
  } catch {
    return false; // no point of the curve
  }
}

/** Whether the signature is valid by the one rule of the key's suite. */
export function verifySignature(key: PublicKey, signature: Bytes, message: Bytes): boolean {
  if (key.suite !== ED25519) {
    throw new TongbaoError(`suite ${key.suite} is not active`, "SUITE_NOT_ACTIVE", "suite", "use Ed25519 (suite 1)");
  }
  return verifyEd25519(key.key, signature, message);
}

/** A secret seed with the public key that follows from it. */
export class SigningKey {
  readonly publicKey: Bytes;
  readonly #seed: Bytes;

  constructor(seed: Bytes) {
    this.#seed = seed;
    this.publicKey = ed25519.getPublicKey(seed);
  }

  sign(message: Bytes): Bytes {
    return ed25519.sign(message, this.#seed);
  }
}
