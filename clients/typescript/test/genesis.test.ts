/** Genesis is read to its end, and its hash is the network. */

import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../src/bytes.js";
import { TongbaoError } from "../src/errors.js";
import { readGenesis } from "../src/genesis.js";
import { load } from "./vectors.js";

interface GenesisCase {
  readonly name: string;
  readonly bytes: string;
  readonly network_id: string;
  readonly fields: {
    readonly name: string;
    readonly test_network: boolean;
    readonly asset_code: string;
    readonly limits: { inputs_max: number; expiry_ahead_max_ms: string };
    readonly receipt_keys: readonly { suite: number; key: string }[];
  };
}

const VECTORS = load<{ valid: GenesisCase[]; refused: { reason: string; bytes: string }[] }>("coin/genesis.json");

/** What keeps bytes from being read at all; whether the rest makes sense, the centre and its kernel judge. */
const UNREADABLE = /^(another magic|hash|test flag|a name in Latin-1|nothing at all|the last byte|one byte too many)/;

describe("genesis", () => {
  it.each(VECTORS.valid)("$name says what it says", ({ bytes, network_id, fields }) => {
    const genesis = readGenesis(fromHex(bytes));

    expect(toHex(genesis.domain.networkId)).toBe(network_id);
    expect([genesis.name, genesis.testNetwork, genesis.assetCode]).toEqual([
      fields.name,
      fields.test_network,
      fields.asset_code,
    ]);
    expect([genesis.inputsMax, String(genesis.expiryAheadMaxMs)]).toEqual([
      fields.limits.inputs_max,
      fields.limits.expiry_ahead_max_ms,
    ]);
    expect(genesis.receiptKeys.map((key) => toHex(key.key))).toEqual(fields.receipt_keys.map(({ key }) => key));
  });
  it.each(VECTORS.refused.filter(({ reason }) => UNREADABLE.test(reason)))("$reason is refused", ({ bytes }) => {
    expect(() => readGenesis(fromHex(bytes))).toThrow(TongbaoError);
  });
});
