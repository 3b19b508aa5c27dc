/** The vectors that every implementation must agree on, from the repository that holds them. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Domain } from "../src/domain.js";
import { fromHex } from "../src/bytes.js";

const VECTORS = fileURLToPath(new URL("../../../tests/vectors/", import.meta.url));

export interface Case {
  readonly name: string;
  readonly bytes: string;
  readonly hashes: Record<string, Record<string, string>>;
}

export interface Refused {
  readonly reason: string;
  readonly bytes: string;
  readonly code: string;
}

export interface Layout {
  readonly networks: Record<string, { hash: number; network_id: string }>;
  readonly valid: readonly Case[];
  readonly refused: readonly Refused[];
  readonly disproved: readonly Refused[];
  readonly receipt_keys: readonly { suite: number; key: string }[];
}

export function load<T = Layout>(path: string): T {
  return JSON.parse(readFileSync(VECTORS + path, "utf-8")) as T;
}

export function domainOf(layout: Layout, network: string): Domain {
  const found = layout.networks[network];
  if (found === undefined) throw new Error(`no network ${network}`);
  return new Domain(fromHex(found.network_id), found.hash);
}
