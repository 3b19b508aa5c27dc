/** What anybody may check of a network without asking anybody twice: that its genesis is the one that its name says. */

import { type Genesis, SignedClient, fromBase64, readGenesis, toHex } from "@tongbao/client";

/** A genesis as it came, and what this device computed of it. */
export interface CheckedGenesis {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly genesis: Genesis;
  /** The hash of the bytes, computed here. */
  readonly networkId: string;
  /** Whether that is the network that these pages name. */
  readonly holds: boolean;
}

/** Ask for the genesis, and hold it against the network's id. */
export async function checkGenesis(centreUrl: string, networkId: string): Promise<CheckedGenesis> {
  const centre = new SignedClient(centreUrl, null);
  const answer = await centre.get<{ genesis: string }>("/v1/genesis");
  return checked(new Uint8Array(fromBase64(answer.genesis)), networkId);
}

/** The same of bytes that are here. */
export function checked(bytes: Uint8Array<ArrayBuffer>, networkId: string): CheckedGenesis {
  const genesis = readGenesis(bytes);
  const computed = toHex(genesis.domain.networkId);
  return { bytes, genesis, networkId: computed, holds: computed === networkId };
}
