/** Receipts that are proven by a transparency log, and lies, from the vectors that every implementation reads. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromHex } from "@tongbao/client";

interface Shown {
  readonly keys: readonly string[];
  readonly receipt: string;
}

interface Content {
  readonly verifier_keys: Record<string, string>;
  readonly valid: readonly (Shown & { readonly name: string })[];
  readonly lies: readonly (Shown & { readonly reason: string })[];
}

/** The receipts and keys of the vectors' cases, by what the case is called. */
export function loadLogVectors(): { receiptOf(called: string): Uint8Array; keysOf(called: string): string[] } {
  const path = fileURLToPath(new URL("../../../tests/vectors/log/receipts.json", import.meta.url));
  const content = JSON.parse(readFileSync(path, "utf-8")) as Content;
  const find = (called: string): Shown => {
    const found = content.valid.find((each) => each.name === called) ?? content.lies.find((each) => each.reason === called);
    if (found === undefined) throw new Error(`the vectors have no case ${called}`);
    return found;
  };
  return {
    receiptOf: (called) => fromHex(find(called).receipt),
    keysOf: (called) => find(called).keys.map((name) => content.verifier_keys[name] ?? ""),
  };
}
