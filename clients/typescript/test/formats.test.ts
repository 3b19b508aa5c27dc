/** Every layout reads and writes as the vectors say, and refuses what they refuse. */

import { describe, expect, it } from "vitest";
import { Acceptance } from "../src/acceptance.js";
import { Address } from "../src/address.js";
import { type Bytes, fromHex, toHex } from "../src/bytes.js";
import { Input } from "../src/coin.js";
import type { Domain } from "../src/domain.js";
import { decodeWhole } from "../src/encoding.js";
import { TongbaoError } from "../src/errors.js";
import { readLock } from "../src/lock.js";
import { rootFromPath, rootOf } from "../src/merkle.js";
import { Outcome, Receipt, receiptLeaf } from "../src/receipt.js";
import { PublicKey } from "../src/suites.js";
import { Kind, Transaction, approveDigest, spendDigest } from "../src/transaction.js";
import { domainOf, load } from "./vectors.js";
import { Domain as Domains } from "../src/domain.js";

interface Encoded {
  encode(): Bytes;
}

type Hashes<T> = (thing: T, domain: Domain) => Record<string, Bytes>;

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TongbaoError) return error.code;
    throw error;
  }
  return "none";
}

/** What only central banks read: this client takes the operation of a control transaction as bytes. */
const OFFICES_ALONE = /^(suspend|register|officers|asset|freeze|unfreeze|receipt key|control operation)\b/;

function layout<T extends Encoded>(file: string, decode: (data: Bytes) => T, hashes: Hashes<T>): void {
  const vectors = load(`coin/${file}.json`);
  describe(file, () => {
    it.each(vectors.valid)("$name reads and writes as its bytes", ({ bytes }) => {
      expect(toHex(decode(fromHex(bytes)).encode())).toBe(bytes);
    });
    it.each(vectors.valid)("$name has its hashes in each network", (each) => {
      const thing = decode(fromHex(each.bytes));
      for (const [network, wanted] of Object.entries(each.hashes)) {
        const found = hashes(thing, domainOf(vectors, network));
        expect(Object.fromEntries(Object.entries(found).map(([name, hash]) => [name, toHex(hash)]))).toEqual(wanted);
      }
    });
    it.each(vectors.refused.filter((each) => !OFFICES_ALONE.test(each.reason)))("$reason is refused", (each) => {
      expect(codeOf(() => decode(fromHex(each.bytes)))).toBe(each.code);
    });
  });
}

layout("coin", (data) => decodeWhole(data, "coin", Input.read), (input, domain) => ({ coin_id: input.coinId(domain) }));
layout("lock", (data) => decodeWhole(data, "lock", readLock), (lock, domain) => ({ lock_id: lock.id(domain) }));
layout("acceptance", Acceptance.decode, (each, domain) => ({ signing_digest: each.signingDigest(domain) }));
layout("outcome", Outcome.decode, (each, domain) => ({ signing_digest: each.signingDigest(domain) }));
layout("receipt", Receipt.decode, (receipt, domain) => ({
  leaf: receiptLeaf(receipt.transactionId, receipt.status, receipt.head.sequence, domain),
}));
layout("transaction", Transaction.decode, (transaction, domain) => {
  const id = transaction.id(domain);
  const digests = { spend_digest: spendDigest(id, domain), approve_digest: approveDigest(id, domain) };
  return { transaction_id: id, ...digests };
});

describe.each([
  ["receipt", (data: Bytes) => Receipt.decode(data)],
  ["outcome", (data: Bytes) => Outcome.decode(data)],
] as const)("%s", (file, decode) => {
  const vectors = load(`coin/${file}.json`);
  const keys = vectors.receipt_keys.map((each) => new PublicKey(each.suite, fromHex(each.key)));
  const domain = domainOf(vectors, "sample");

  it.each(vectors.valid)("$name is proved by the centre's keys", ({ bytes }) => {
    expect(() => decode(fromHex(bytes)).verify(domain, keys)).not.toThrow();
  });
  it.each(vectors.disproved)("$reason proves nothing", ({ bytes, code }) => {
    expect(codeOf(() => decode(fromHex(bytes)).verify(domain, keys))).toBe(code);
  });
});

describe("a payment of the vectors", () => {
  const vectors = load("coin/transaction.json");

  it("is a transfer whose parts can be read", () => {
    const transaction = Transaction.decode(fromHex(vectors.valid[0]?.bytes ?? ""));

    expect(transaction.body.fields.kind).toBe(Kind.Transfer);
    expect(transaction.body.fields.outputs.map((coin) => coin.value)).toEqual([350n, 150n]);
  });
});

interface AddressCase {
  readonly name: string;
  readonly text: string;
  readonly test_network: boolean;
  readonly fields: { home: number; wallet_id: string };
  readonly reason: string;
  readonly code: string;
}

describe("address", () => {
  const vectors = load<{ valid: AddressCase[]; refused: AddressCase[] }>("coin/address.json");

  it.each(vectors.valid)("$name is read and written", ({ text, test_network, fields }) => {
    const address = Address.parse(text.toUpperCase());

    expect([address.home, toHex(address.walletId), address.testNetwork]).toEqual([
      fields.home,
      fields.wallet_id,
      test_network,
    ]);
    expect(address.toString()).toBe(text);
  });
  it.each(vectors.refused)("$reason is refused", ({ text, code }) => {
    expect(codeOf(() => Address.parse(text))).toBe(code);
  });
});

interface Tree {
  readonly hash: number;
  readonly leaves: string[];
  readonly root: string;
  readonly paths: string[][];
}

describe("merkle", () => {
  it.each(load<{ trees: Tree[] }>("coin/merkle.json").trees)("a tree has its root from every leaf", (tree) => {
    const domain = new Domains(new Uint8Array(32), tree.hash);
    const leaves = tree.leaves.map((leaf) => fromHex(leaf));

    expect(toHex(rootOf(leaves, domain))).toBe(tree.root);
    leaves.forEach((leaf, index) => {
      const path = (tree.paths[index] ?? []).map((each) => fromHex(each));
      expect(toHex(rootFromPath(leaf, path, index, leaves.length, domain))).toBe(tree.root);
    });
  });
});
