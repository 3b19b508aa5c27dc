/** Passkeys of the browser: made with one gesture, and asked for one gesture per payment. */

import { type Bytes, ascii } from "../bytes.js";
import { TongbaoError } from "../errors.js";
import type { Passkey, RawAssertion } from "./passkeyKey.js";

/** ECDSA over P-256 with SHA-256 (COSE). */
const ES256 = -7;
/** A holder looks for the phone, unlocks it, and reads what it says. A preparation lives for two minutes. */
const TIMEOUT_MS = 90_000;
const POINT_BYTES = 65;

/** Make a passkey for this page; `holder` is how the authenticator shows it. Throws PASSKEY_REFUSED, PASSKEY_UNFIT. */
export async function createPasskey(holder: string): Promise<Passkey> {
  const rpId = location.hostname;
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)), // attests nothing: the ledger checks every signature
        rp: { id: rpId, name: rpId },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name: holder, displayName: holder },
        pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        attestation: "none",
        timeout: TIMEOUT_MS,
      },
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  const spki = response.getPublicKey();
  if (response.getPublicKeyAlgorithm() !== ES256 || spki === null || spki.byteLength < POINT_BYTES) {
    throw new TongbaoError("the passkey has a key of another kind", "PASSKEY_UNFIT", "", "use another passkey");
  }
  const point = new Uint8Array(spki).slice(-POINT_BYTES);
  return { credentialId: new Uint8Array(made.rawId), rpId, origin: location.origin, point };
}

/** One gesture: the passkey's assertion of the challenge. */
export async function askPasskey({ credentialId, rpId }: Passkey, challenge: Bytes): Promise<RawAssertion> {
  const given = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: new Uint8Array(challenge),
        rpId,
        allowCredentials: [{ type: "public-key", id: new Uint8Array(credentialId) }],
        userVerification: "required",
        timeout: TIMEOUT_MS,
      },
    }),
  );
  const response = given.response as AuthenticatorAssertionResponse;
  return {
    authenticatorData: new Uint8Array(response.authenticatorData),
    clientData: new Uint8Array(response.clientDataJSON),
    signature: new Uint8Array(response.signature),
  };
}

/** Whether this browser has passkeys at all. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && ascii(location.origin).length === location.origin.length;
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let answer: Credential | null;
  try {
    answer = await ask();
  } catch (error) {
    throw refused(String(error));
  }
  if (!(answer instanceof PublicKeyCredential)) throw refused("it gave no passkey");
  return answer;
}

function refused(reason: string): TongbaoError {
  return new TongbaoError(
    `the passkey was not used: ${reason}`,
    "PASSKEY_REFUSED",
    "",
    "try again and confirm with the passkey; nothing was signed",
  );
}
