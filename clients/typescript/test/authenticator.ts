/** An authenticator and its browser, played by a test: a P-256 key, one gesture for each assertion. */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, concat } from "../src/bytes.js";
import type { Passkey, PasskeySigner } from "../src/index.js";

export interface PlayedPasskey {
  readonly passkey: Passkey;
  readonly ask: PasskeySigner;
  /** How often its holder was asked. */
  gestures: number;
}

/** What the test changes of an answer. */
export interface Mischief {
  readonly origin?: string;
  readonly rpId?: string;
  readonly flags?: number;
}

export async function playedPasskey(rpId = "pay.example", mischief: Mischief = {}): Promise<PlayedPasskey> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const credentialId = crypto.getRandomValues(new Uint8Array(16));
  const passkey = { credentialId, rpId, origin: `https://${rpId}`, point };
  const played: PlayedPasskey = {
    passkey,
    gestures: 0,
    ask: async (_, challenge) => {
      played.gestures += 1;
      const flags = Uint8Array.of(mischief.flags ?? 0x05, 0, 0, 0, 0);
      const authenticatorData = concat(sha256(ascii(mischief.rpId ?? rpId)), flags);
      const told = Buffer.from(challenge).toString("base64url");
      const origin = mischief.origin ?? passkey.origin;
      const clientData = ascii(
        `{"type":"webauthn.get","challenge":"${told}","origin":"${origin}","crossOrigin":false,"other_keys":"ignore"}`,
      );
      const message = new Uint8Array(concat(authenticatorData, sha256(clientData)));
      const raw = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, message);
      return { authenticatorData, clientData, signature: der(new Uint8Array(raw)) };
    },
  };
  return played;
}

/** r || s as authenticators write it. */
function der(raw: Bytes): Bytes {
  const integer = (digits: Bytes): Bytes => {
    const first = digits.findIndex((byte) => byte !== 0);
    const significant = digits.slice(first);
    const padded = (significant[0] ?? 0) & 0x80 ? concat(Uint8Array.of(0), significant) : significant;
    return concat(Uint8Array.of(2, padded.length), padded);
  };
  const content = concat(integer(raw.slice(0, 32)), integer(raw.slice(32)));
  return concat(Uint8Array.of(0x30, content.length), content);
}
