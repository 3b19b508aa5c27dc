/** A till's key: made by the browser of the device that becomes the till, and never seen by anybody. */

import type { TillKey } from "@tongbao/client";
import type { TillPost } from "./shelf";

const ALGORITHM = "Ed25519";

/** A new key; only its public half can be read. */
export async function newTillKey(): Promise<Pick<TillPost, "publicKey" | "signer">> {
  const pair = (await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"])) as CryptoKeyPair;
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
    signer: pair.privateKey,
  };
}

/** The key as a till signs with it. */
export function tillKeyOf({ publicKey, signer }: Pick<TillPost, "publicKey" | "signer">): TillKey {
  return {
    publicKey,
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign(ALGORITHM, signer, message as Uint8Array<ArrayBuffer>)),
  };
}
