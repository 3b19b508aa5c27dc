/** Who sent this request: RFC 9421 signatures over RFC 9530 digests, in the one form that servers accept. */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, ascii, toBase64 } from "./bytes.js";

const READING = ["@method", "@authority", "@path", "@query", "content-digest"];
const CHANGING = [...READING, "idempotency-key"];
const DEFAULT_PORTS: Record<string, string> = { "http:": ":80", "https:": ":443" };

export interface SignableRequest {
  readonly method: "GET" | "POST";
  /** Absolute and percent-encoded. */
  readonly url: string;
  readonly body: Bytes;
  /** For a POST: one for each intended change. */
  readonly idempotencyKey: string;
}

export interface Signer {
  /** As "wallet:<id>" or "key:<public key>". */
  readonly keyId: string;
  sign(message: Bytes): Bytes | Promise<Bytes>;
}

/** The headers that make the request the signer's. */
export async function signRequest(
  request: SignableRequest,
  signer: Signer,
  createdS: number,
): Promise<Record<string, string>> {
  const components = request.method === "GET" ? READING : CHANGING;
  const digest = `sha-256=:${toBase64(sha256(request.body))}:`;
  const list = components.map((name) => `"${name}"`).join(" ");
  const parameters = `(${list});created=${createdS};keyid="${signer.keyId}";alg="ed25519"`;
  const signature = toBase64(await signer.sign(ascii(signatureBase(request, digest, parameters))));
  return {
    "content-digest": digest,
    "signature-input": `sig1=${parameters}`,
    signature: `sig1=:${signature}:`,
  };
}

function signatureBase(request: SignableRequest, digest: string, parameters: string): string {
  const [scheme = "", rest = ""] = request.url.split("://");
  const [location = "", ...query] = rest.split("?");
  const slash = location.indexOf("/");
  const authority = (slash < 0 ? location : location.slice(0, slash)).toLowerCase();
  const port = DEFAULT_PORTS[`${scheme}:`] ?? ":";
  const lines = [
    `"@method": ${request.method}`,
    `"@authority": ${authority.endsWith(port) ? authority.slice(0, -port.length) : authority}`,
    `"@path": ${slash < 0 ? "/" : location.slice(slash)}`,
    `"@query": ?${query.join("?")}`,
    `"content-digest": ${digest}`,
    ...(request.method === "GET" ? [] : [`"idempotency-key": ${request.idempotencyKey}`]),
    `"@signature-params": ${parameters}`,
  ];
  return lines.join("\n");
}
