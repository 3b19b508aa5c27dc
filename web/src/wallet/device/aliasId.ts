/** Telephone numbers as homes are asked for them: by a slow hash, never by the number (docs/reference/people.md). */

import { fromHex, toHex } from "@tongbao/client";

const COST = { N: 16_384, r: 8, p: 1, dkLen: 32 };

/** What a number in the form of E.164 is asked for by, on the network with this id; it takes a phone half a second. */
export async function aliasIdOf(phone: string, networkId: string): Promise<string> {
  const { scryptAsync } = await import("@noble/hashes/scrypt.js");
  const prefix = new TextEncoder().encode("tongbao/alias/1");
  const salt = new Uint8Array([...prefix, ...fromHex(networkId)]);
  return toHex(await scryptAsync(new TextEncoder().encode(phone), salt, COST));
}
