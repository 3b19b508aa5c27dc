/**
 * Where a new wallet's phrase lies until its holder has written it down: sealed under a key that never leaves the
 * browser's key store. Whoever copies the profile's files has the sealed bytes and no key in a form that is of use in
 * another program; once the holder has shown that the phrase is written down, both are deleted.
 */

const NONCE_BYTES = 12;
const PURPOSE = new TextEncoder().encode("tongbao/phrase-on-device/1");

/** As IndexedDB keeps it: the key is an object of the browser, and not extractable. */
export interface SealedPhrase {
  readonly key: CryptoKey;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

/** Seal the phrase under a new key of its own. */
export async function sealPhrase(phrase: string): Promise<SealedPhrase> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: PURPOSE },
    key,
    new TextEncoder().encode(phrase),
  );
  return { key, nonce, sealed };
}

/** The phrase; throws where the bytes were changed. */
export async function openPhrase({ key, nonce, sealed }: SealedPhrase): Promise<string> {
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData: PURPOSE }, key, sealed);
  return new TextDecoder().decode(opened);
}
