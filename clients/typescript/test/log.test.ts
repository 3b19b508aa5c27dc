/** What a receipt proves by the transparency log's public keys alone, and each lie that they refuse, as in Python. */

import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../src/bytes.js";
import { DecodingError, TongbaoError } from "../src/errors.js";
import { proveLogged } from "../src/log/logProof.js";
import { type VerifierKey, readVerifierKey } from "../src/log/verifierKey.js";
import { Receipt } from "../src/receipt.js";
import { load } from "./vectors.js";

interface Shown {
  readonly keys: readonly string[];
  readonly receipt: string;
}

interface Vectors {
  readonly verifier_keys: Record<string, string>;
  readonly no_verifier_keys: readonly { reason: string; text: string }[];
  readonly valid: readonly (Shown & { name: string; proves: Record<string, string | number | null> })[];
  readonly lies: readonly (Shown & { reason: string; code: string })[];
}

const vectors = load<Vectors>("log/receipts.json");

function keysOf(shown: Shown): VerifierKey[] {
  return shown.keys.map((name) => readVerifierKey(vectors.verifier_keys[name] ?? ""));
}

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe("a receipt with its proof from the log", () => {
  it.each(vectors.valid)("proves just this: $name", (shown) => {
    const { receipt, index, checkpoint, loggedByS } = proveLogged(Receipt.decode(fromHex(shown.receipt)), keysOf(shown));

    expect({
      transaction_id: toHex(receipt.transactionId),
      status: receipt.status,
      sequence: receipt.head.sequence.toString(),
      index: index.toString(),
      origin: checkpoint.origin,
      size: checkpoint.size.toString(),
      root: toHex(checkpoint.root),
      logged_by_s: loggedByS,
    }).toEqual(shown.proves);
  });

  it.each(vectors.lies)("is refused: $reason", (shown) => {
    const error = errorOf(() => proveLogged(Receipt.decode(fromHex(shown.receipt)), keysOf(shown)));

    expect(error).toBeInstanceOf(TongbaoError);
    expect((error as TongbaoError).code).toBe(shown.code);
  });
});

describe("a verifier key", () => {
  it.each(vectors.no_verifier_keys)("is not $reason", ({ text }) => {
    expect(errorOf(() => readVerifierKey(text))).toBeInstanceOf(DecodingError);
  });

  it("has the name of its log", () => {
    expect(readVerifierKey(vectors.verifier_keys["log"] ?? "").name).toMatch(/^tongbao\/[0-9a-f]{64}$/);
  });
});
