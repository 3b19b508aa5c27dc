/** Public keys of a log, as C2SP writes verifier keys, and which lines under a text are signatures by them. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, concat, equal, toHex } from "../bytes.js";
import { DecodingError } from "../errors.js";
import { verifyEd25519 } from "../suites.js";
import {
  KEY_ID_BYTES,
  type SignatureLine,
  type SignedText,
  SignedTextInvalidError,
  base64Bytes,
  readKeyName,
} from "./signedText.js";

const TIME_BYTES = 8;
const TIME_BITS = 63n; // tlog-cosignature allows no later second

/** What a key signs. The numbers are C2SP's; what they leave out is not read here. */
export enum SignatureKind {
  /** The text itself. */
  Ed25519 = 1,
  /** The text, and a second at which it was the largest that the cosigner had seen. */
  CosignatureEd25519 = 4,
  /** The same after the quantum computer. Such keys are read, and their signatures passed over. */
  CosignatureMlDsa44 = 6,
}

const KEY_BYTES: Record<number, number> = {
  [SignatureKind.Ed25519]: 32,
  [SignatureKind.CosignatureEd25519]: 32,
  [SignatureKind.CosignatureMlDsa44]: 1312,
};

/** A named public key, which readers know beforehand. */
export interface VerifierKey {
  /** Whose key it is; a log's is its origin. */
  readonly name: string;
  readonly kind: SignatureKind;
  /** Stands for the key in a line; no proof of anything. */
  readonly id: Bytes;
  readonly key: Bytes;
}

/** The key that a line of `log.vkey` or of the network's `log_keys` writes. */
export function readVerifierKey(text: string): VerifierKey {
  const [, name, id, encoded] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? [];
  if (name === undefined || encoded === undefined) throw new DecodingError("a verifier key is name+id+key", "key");
  const data = base64Bytes(encoded, "key");
  const [kind, key] = [data[0] ?? 0, data.slice(1)];
  if (KEY_BYTES[kind] !== key.length || !isUsable(kind, key)) {
    throw new DecodingError("the verifier key is of a kind that is not read here, or nobody can sign for it", "key");
  }
  const found = sha256(concat(ascii(`${readKeyName(name)}\n`), data)).slice(0, KEY_ID_BYTES);
  if (toHex(found) !== id) {
    throw new DecodingError("the id in the verifier key is not that of its name and key", "key");
  }
  return { name, kind, id: found, key };
}

/** Whether somebody can sign for the key, and not everybody. */
function isUsable(kind: SignatureKind, key: Bytes): boolean {
  if (kind === SignatureKind.CosignatureMlDsa44) return true;
  try {
    return !ed25519.Point.fromBytes(key, true).isSmallOrder();
  } catch {
    return false; // no point of the curve
  }
}

/**
 * The times of the signatures by `keys`, in seconds since 1970, null where one carries none; there is at least one
 * signature. Those of unknown keys are passed over; one by a known key that does not hold throws.
 */
export function verifySignedText(signed: SignedText, keys: readonly VerifierKey[]): (number | null)[] {
  const verifiable = keys.filter((key) => key.kind !== SignatureKind.CosignatureMlDsa44);
  const lines = verifiable.map((key) => ({ key, line: signed.signatures.find((line) => isOf(line, key)) }));
  const times = lines.flatMap(({ key, line }) => (line === undefined ? [] : [timeOf(key, line, signed.text)]));
  if (!times.length) throw new SignedTextInvalidError("no signature is by a key that is known here", "signatures");
  return times;
}

function isOf(line: SignatureLine, key: VerifierKey): boolean {
  return line.name === key.name && equal(line.keyId, key.id);
}

function timeOf(key: VerifierKey, line: SignatureLine, text: string): number | null {
  const isCosignature = key.kind === SignatureKind.CosignatureEd25519;
  const stamp = isCosignature ? line.signature.slice(0, TIME_BYTES) : null;
  const signature = line.signature.slice(stamp?.length ?? 0);
  const time = stamp === null ? null : stamp.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  const message = ascii(time === null ? text : `cosignature/v1\ntime ${time}\n${text}`);
  if ((time ?? 0n) >> TIME_BITS || !verifyEd25519(key.key, signature, message)) {
    throw new SignedTextInvalidError(`the signature of ${key.name} does not hold`, "signature");
  }
  return time === null ? null : Number(time);
}
