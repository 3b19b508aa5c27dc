/**
 * Sealing a text for a wallet, so that only who has its phrase can read it; its home keeps it and cannot.
 *
 *     sealed = ephemeral X25519 key (32) || AES-256-GCM of the text, with a tag of 16 bytes
 *     shared = X25519 of the ephemeral key and the main key, which is Ed25519's and is mapped to X25519's curve
 *     key    = HKDF-SHA-256(shared, salt = ephemeral key || mapped main key, info = "tongbao/sealed/1")
 *
 * The key is used once, so the nonce is zero; `context` is bound to the text, and whoever opens it must give the same.
 */

import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, concat } from "./bytes.js";
import { PeerError, TongbaoError } from "./errors.js";

/** Dice for one sealing, and the length of the key that they become. */
export const EPHEMERAL_BYTES = 32;

const KEY_BYTES = 32;
const NONCE = new Uint8Array(12);
const INFO = ascii("tongbao/sealed/1");

/** The text for the wallet with this raw Ed25519 main key; `entropy` are 32 bytes that are used for nothing else. */
export async function seal(text: Bytes, mainKey: Bytes, context: Bytes, entropy: Bytes): Promise<Bytes> {
  const theirs = mapped(mainKey);
  const own = x25519.getPublicKey(entropy);
  const key = await secretOf(x25519.getSharedSecret(entropy, theirs), concat(own, theirs), "encrypt");
  const sealed = await crypto.subtle.encrypt(settingOf(context), key, new Uint8Array(text));
  return concat(own, new Uint8Array(sealed));
}

/** The text that was sealed for the Ed25519 key with this seed; throws where it was not, or was changed since. */
export function openSealed(sealed: Bytes, seed: Bytes, context: Bytes): Promise<Bytes> {
  const secret = ed25519.utils.toMontgomerySecret(seed);
  const share = async (theirs: Bytes): Promise<Bytes> => x25519.getSharedSecret(secret, theirs);
  return openSealedBy(share, ed25519.getPublicKey(seed), sealed, context);
}

/** The same where the secret lies elsewhere: `share` is X25519 of it and the other's key, and throws where that is zero. */
export async function openSealedBy(
  share: (theirs: Bytes) => Promise<Bytes>,
  mainKey: Bytes,
  sealed: Bytes,
  context: Bytes,
): Promise<Bytes> {
  const theirs = sealed.slice(0, EPHEMERAL_BYTES);
  const shared = await share(theirs).catch(broken);
  const key = await secretOf(shared, concat(theirs, ed25519.utils.toMontgomery(mainKey)), "decrypt");
  const content = new Uint8Array(sealed.slice(EPHEMERAL_BYTES));
  return new Uint8Array(await crypto.subtle.decrypt(settingOf(context), key, content).catch(broken));
}

function broken(): never {
  throw new PeerError("this was not sealed for this wallet, or was changed since");
}

/** The key on X25519's curve; those few that share with nobody are refused. */
function mapped(mainKey: Bytes): Bytes {
  try {
    const point = ed25519.Point.fromBytes(mainKey);
    if (!point.isSmallOrder() && point.isTorsionFree()) return ed25519.utils.toMontgomery(mainKey);
  } catch {
    // It is no point of the curve.
  }
  throw new TongbaoError(
    "nothing can be sealed for this key",
    "BAD_REQUEST",
    "main_key",
    "ask the payee for another address",
  );
}

function settingOf(context: Bytes): AesGcmParams {
  return { name: "AES-GCM", iv: NONCE, additionalData: new Uint8Array(context) };
}

function secretOf(shared: Bytes, salt: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  const key = hkdf(sha256, shared, salt, INFO, KEY_BYTES);
  return crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, [use]);
}
