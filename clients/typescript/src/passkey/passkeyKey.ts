/** Passkeys as the ledger knows them: the key of suite 3, where it may be used, and what it signs with. */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, concat, equal } from "../bytes.js";
import { Reader, demandBytes, sizedU16, u8 } from "../encoding.js";
import { TongbaoError } from "../errors.js";
import { PublicKey } from "../suites.js";

export const PASSKEY_SUITE = 3;
const POINT_BYTES = 65;
const FLAGS_AT = 32;
const AUTHENTICATOR_DATA_BYTES_MIN = 37;
/** Somebody was present, and was verified. */
const FLAGS_DEMANDED = 0x01 | 0x04;

/** A passkey that this device asks for signatures. */
export interface Passkey {
  /** By which the authenticator finds it. */
  readonly credentialId: Bytes;
  /** The relying party, such as `pay.example`. */
  readonly rpId: string;
  /** The page's, such as `https://pay.example`. */
  readonly origin: string;
  /** 04 || x || y. */
  readonly point: Bytes;
}

/** What an authenticator and its browser answer a challenge with; the signature as DER. */
export interface RawAssertion {
  readonly authenticatorData: Bytes;
  readonly clientData: Bytes;
  readonly signature: Bytes;
}

/** Asks the holder for one gesture and brings the assertion of the challenge. */
export type PasskeySigner = (passkey: Passkey, challenge: Bytes) => Promise<RawAssertion>;

/** The key that locks name. */
export function passkeyKey({ rpId, origin, point }: Passkey): PublicKey {
  demandBytes("point", point, POINT_BYTES);
  if (!/^[!#-[\]-~]{1,255}$/.test(origin)) {
    throw new TongbaoError("this page's origin cannot stand in a key", "DEVICE_UNSUPPORTED", "origin", "use its plain name");
  }
  return new PublicKey(PASSKEY_SUITE, concat(sha256(ascii(rpId)), point, u8(origin.length), ascii(origin)));
}

/** The signature of suite 3 that opens every lock of the key for this digest; throws where the ledger would not take it. */
export function assertionFor(passkey: Passkey, digest: Bytes, raw: RawAssertion): Bytes {
  const flags = raw.authenticatorData[FLAGS_AT] ?? 0;
  const own = equal(raw.authenticatorData.slice(0, FLAGS_AT), sha256(ascii(passkey.rpId)));
  if (raw.authenticatorData.length < AUTHENTICATOR_DATA_BYTES_MIN || !own) throw unfit("it answers for another page");
  if ((flags & FLAGS_DEMANDED) !== FLAGS_DEMANDED) throw unfit("it has not verified its holder");
  const head = clientDataHead(digest, passkey.origin);
  const next = raw.clientData[head.length];
  if (!equal(raw.clientData.slice(0, head.length), head) || (next !== 0x2c && next !== 0x7d)) {
    throw unfit("the browser signs something else than was asked for");
  }
  return concat(sizedU16(raw.authenticatorData), sizedU16(raw.clientData), rawSignature(raw.signature));
}

/** How the client data of an assertion begin (WebAuthn 5.8.1.1). */
function clientDataHead(digest: Bytes, origin: string): Bytes {
  const challenge = base64Url(digest);
  return ascii(`{"type":"webauthn.get","challenge":"${challenge}","origin":"${origin}","crossOrigin":false`);
}

function base64Url(bytes: Bytes): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** r || s of a signature in DER. */
function rawSignature(der: Bytes): Bytes {
  const reader = new Reader(der, "signature");
  const integer = (): Bytes => {
    if (reader.u8() !== 0x02) throw reader.error("here is no integer");
    const digits = reader.take(reader.u8());
    const first = digits.findIndex((byte) => byte !== 0);
    const significant = first < 0 ? new Uint8Array() : digits.slice(first);
    if (significant.length > 32) throw reader.error("the number is too long");
    return concat(new Uint8Array(32 - significant.length), significant);
  };
  if (reader.u8() !== 0x30 || reader.u8() !== der.length - 2) throw reader.error("this is no signature in DER");
  const raw = concat(integer(), integer());
  reader.finish();
  return raw;
}

function unfit(reason: string): TongbaoError {
  return new TongbaoError(`the passkey's answer cannot be used: ${reason}`, "PASSKEY_UNFIT", "", "use another passkey or browser");
}
