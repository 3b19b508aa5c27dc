/** Secrets become keys of WebCrypto that sign, and that nobody can read out again, neither a page nor whoever is in it. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { type Bytes, concat, fromHex } from "../bytes.js";
import { TongbaoError } from "../errors.js";

/** A private key of 32 bytes as PKCS #8 (RFC 8410), but for the bytes themselves. */
const ED25519_PREFIX = fromHex("302e020100300506032b657004220420");
const X25519_PREFIX = fromHex("302e020100300506032b656e04220420");

/** A key that signs, from an Ed25519 seed. */
export function signingKeyOf(seed: Bytes): Promise<CryptoKey> {
  return imported(concat(ED25519_PREFIX, seed), "Ed25519", "sign");
}

/** The key that opens what is sealed for the Ed25519 key with this seed. */
export function openingKeyOf(seed: Bytes): Promise<CryptoKey> {
  return imported(concat(X25519_PREFIX, ed25519.utils.toMontgomerySecret(seed)), "X25519", "deriveBits");
}

export async function signWith(key: CryptoKey, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, new Uint8Array(message)));
}

/** What X25519 makes of the key and somebody's public one; throws where they share nothing. */
export async function sharedBy(key: CryptoKey, theirs: Bytes): Promise<Bytes> {
  const other = await crypto.subtle.importKey("raw", new Uint8Array(theirs), "X25519", true, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: other }, key, 256));
}

async function imported(content: Bytes, algorithm: string, use: KeyUsage): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("pkcs8", new Uint8Array(content), algorithm, false, [use]);
  } catch (error) {
    throw new TongbaoError(
      `this browser keeps no ${algorithm} keys: ${String(error)}`,
      "DEVICE_UNSUPPORTED",
      "",
      "use a newer browser, over HTTPS",
    );
  } finally {
    content.fill(0);
  }
}
