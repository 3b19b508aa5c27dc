/** Payment codes: what a payer shows to a shop, new every half minute, and good for one request. */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, concat } from "../bytes.js";
import { u64 } from "../encoding.js";
import { DecodingError } from "../errors.js";

/** Long enough to be scanned, short enough that a picture of it is worth nothing. */
export const STEP_MS = 30_000;
const PROOF_MODULUS = 100_000_000n;

/** What a shop scans from a payer's screen; it asks for money by its text. */
export interface PaymentCode {
  readonly kind: "payer";
  readonly home: number;
  /** The 32 digits. */
  readonly text: string;
}

/** A book that a wallet opened at its home (`POST /v1/wallets/{wallet_id}/payment-codes`). */
export interface CodeSecret {
  readonly home: number;
  /** 12 digits. */
  readonly handle: string;
  /** 32 bytes. */
  readonly secret: Bytes;
}

/** The code that a wallet shows at a time of the wall clock, in milliseconds. */
export function paymentCodeAt({ home, handle, secret }: CodeSecret, timeMs: number): string {
  const step = u64(BigInt(Math.floor(timeMs / STEP_MS)));
  const digest = hmac(sha256, secret, concat(ascii("tongbao/payment-code/1"), ascii(handle), step));
  const number = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) % PROOF_MODULUS;
  return `71${String(home).padStart(10, "0")}${handle}${String(number).padStart(8, "0")}`;
}

/** The code as it was scanned or typed, with spaces or hyphens or without; throws CODE_INVALID. */
export function parsePaymentCode(typed: string): PaymentCode {
  const text = typed.replace(/[ -]/g, "");
  const home = Number(text.slice(2, 12));
  if (!/^71[0-9]{30}$/.test(text) || home >= 2 ** 32) {
    const reason = "this is no payment code: it has 32 digits and begins with 71";
    throw new DecodingError(reason, "payment_code", "CODE_INVALID", "scan the code that the payer's wallet shows");
  }
  return { kind: "payer", home, text };
}
