/** Genesis of the network, asked for once and kept: receipts are verified with it, offline too. */

import { SignedClient, fromBase64, readGenesis, toHex } from "@tongbao/client";
import { type Network, urlOf } from "../../network/network";
import type { Shelf } from "./shelf";

/** The bytes whose hash is the network's id; what has another hash is not believed. */
export async function genesisOf(known: Network, shelf: Shelf): Promise<Uint8Array> {
  const kept = await shelf.genesis(known.network_id);
  if (kept !== undefined) return kept;
  const centre = new SignedClient(urlOf(known.centre_path), null);
  const genesis = fromBase64((await centre.get<{ genesis: string }>("/v1/genesis")).genesis);
  if (toHex(readGenesis(genesis).domain.networkId) !== known.network_id) {
    throw new Error("the registration centre tells of another network than the page belongs to");
  }
  await shelf.keepGenesis(known.network_id, genesis);
  return genesis;
}
