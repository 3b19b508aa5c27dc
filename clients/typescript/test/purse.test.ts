/** Which coins pay, and what happens where no transaction may spend as many as it would take. */

import { describe, expect, it } from "vitest";
import { toHex } from "../src/bytes.js";
import { type Genesis, Domain, HashKind, MemoryStore, Wallet, WalletKeys, newPhrase, seedOf } from "../src/index.js";
import { choose } from "../src/purse.js";
import { homeThat } from "./playedHome.js";

const INPUTS_MAX = 16;
const DOMAIN = new Domain(new Uint8Array(32), HashKind.Sha256);
const GENESIS = {
  domain: DOMAIN,
  receiptKeys: [],
  testNetwork: true,
  inputsMax: INPUTS_MAX,
  expiryAheadMaxMs: 60_000n,
} as unknown as Genesis;
const URL_OF_HOME = "http://home.example";

function coin(place: number, valueFen: number, lockId = "0".repeat(64)): Parameters<typeof choose>[0][number] {
  const coinId = place.toString(16).padStart(64, "0");
  return { coinId, origin: "0".repeat(64), index: place, valueFen, home: 1, lockId, lockIndex: 0, salt: null };
}

describe("coins for a payment", () => {
  const coins = Array.from({ length: 20 }, (_, place) => coin(place, 10));

  it("are the smallest one that suffices, or else the largest", () => {
    const values = (fen: number): number[] => choose([coin(1, 5), coin(2, 50), coin(3, 20)], fen, INPUTS_MAX).map((each) => each.valueFen);

    expect([values(15), values(60)]).toEqual([[20], [50, 20]]);
  });

  it("that one transaction cannot spend are too small, which is not to be poor", () => {
    expect(choose(coins, 160, INPUTS_MAX)).toHaveLength(16);
    expect(() => choose(coins, 161, INPUTS_MAX)).toThrow(expect.objectContaining({ code: "COINS_TOO_SMALL" }));
    expect(() => choose(coins, 201, INPUTS_MAX)).toThrow(expect.objectContaining({ code: "COINS_INSUFFICIENT" }));
  });
});

interface Asked {
  readonly payee: { readonly own_lock?: string };
  readonly amount_fen: number;
}

/** A wallet with twenty coins of ten fen, and what its home is asked to prepare; it prepares, and then says nothing. */
async function walletOfSmallCoins(): Promise<{ wallet: Wallet; prepared: Asked[] }> {
  const keys = new WalletKeys(seedOf(await newPhrase()), DOMAIN);
  const prepared: Asked[] = [];
  const timeMs = Date.now();
  homeThat((path, _query, { body }) => {
    if (path !== "/v1/payments/prepare") return { time_ms: timeMs };
    const asked = JSON.parse(body) as Asked;
    prepared.push(asked);
    const proof = { lock_id: asked.payee.own_lock, key: "", index: 0, count: 0, path: [], signature: "", salt: null };
    const payee = { payee_home: 1, payee_wallet_id: toHex(keys.walletId), proof, acceptance: null };
    const times = { expiry_ms: timeMs + 30_000, time_ms: timeMs };
    return { payment_id: "1", amount_fen: asked.amount_fen, ...payee, reference: "0".repeat(64), ...times };
  });
  const patience = { timeoutMs: 1_000, attemptsMax: 1, pauseMsFirst: 1, pauseMsMax: 1 };
  const store = new MemoryStore();
  const coins = Array.from({ length: 20 }, (_, place) => coin(place, 10, toHex(keys.lockId({ index: 0 }))));
  await store.save({ home: 1, nextLockIndex: 1, coins, payments: [] });
  const setting = { genesis: GENESIS, home: 1, homeUrl: URL_OF_HOME, centreUrl: URL_OF_HOME, patience };
  const wallet = new Wallet(keys, setting, store);
  await wallet.start();
  return { wallet, prepared };
}

describe("a wallet of many small coins", () => {
  it("first makes one of as many as a transaction may spend, by a payment to itself", async () => {
    const { wallet, prepared } = await walletOfSmallCoins();

    await expect(wallet.deposit(200)).rejects.toThrow();

    expect(prepared.map((each) => each.amount_fen)).toEqual([160]);
    expect(prepared[0]?.payee.own_lock).toMatch(/^[0-9a-f]{64}$/);
    expect(wallet.payments.map((each) => [each.amountFen, each.coinIds.length])).toEqual([[160, 16]]);
  });

  it("merges nothing for what it does not have", async () => {
    const { wallet, prepared } = await walletOfSmallCoins();

    await expect(wallet.deposit(201)).rejects.toMatchObject({ code: "COINS_INSUFFICIENT" });
    expect(prepared).toEqual([]);
  });
});
