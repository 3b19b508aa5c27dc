/** Deposit that becomes coins, against a home that is played here. */

import { describe, expect, it } from "vitest";
import { type Genesis, Domain, HashKind, MemoryStore, Wallet, WalletKeys, newPhrase, seedOf, toHex } from "../src/index.js";
import { homeThat } from "./playedHome.js";

const DOMAIN = new Domain(new Uint8Array(32), HashKind.Sha256);
const GENESIS = { domain: DOMAIN, receiptKeys: [], testNetwork: true } as unknown as Genesis;
const KEYS = new WalletKeys(seedOf(await newPhrase()), DOMAIN);
const SALT = "5".repeat(64);

function wallet(): Wallet {
  const url = "http://home.example";
  return new Wallet(KEYS, { genesis: GENESIS, home: 1, homeUrl: url, centreUrl: url }, new MemoryStore());
}

function told(state: string, changed: object = {}): object {
  const lockId = toHex(KEYS.lockId({ salt: new Uint8Array(32).fill(0x55) }));
  const coin = { coin_id: "1".repeat(64), origin: "2".repeat(64), index: 0, asset: 0, value: 500, home: 1, lock_id: lockId };
  const coins = state === "settled" ? [{ coin, salt: SALT }] : [];
  return { state, status: state.toUpperCase(), amount_fen: 500, coins, ...changed };
}

describe("an exchange", () => {
  it.each([
    ["DEPOSIT_TOO_SMALL", "amount_fen"],
    ["LIMIT_BALANCE", "amount_fen"],
    ["VAULT_INSUFFICIENT", "amount_fen"],
    ["EXPIRED", ""],
  ])("that is refused fails with the status that the home gives: %s", async (status, field) => {
    const asked = homeThat(() => told("refused", { status }));
    const poor = wallet();

    await expect(poor.exchange(500, "once")).rejects.toMatchObject({ code: status, field });
    expect([poor.balanceFen, asked.length]).toEqual([0, 1]);
  });

  it("that nobody can tell the end of yet is asked for again in the same words, and its coins are taken in", async () => {
    const bodies: string[] = [];
    homeThat((_path, _query, { body }) => told(bodies.push(body) < 3 ? "pending" : "settled"));
    const patient = wallet();

    const exchange = await patient.exchange(500, "once");

    expect([exchange.state, patient.balanceFen]).toEqual(["settled", 500]);
    expect(bodies).toEqual(Array(3).fill('{"amount_fen":500}'));
  });

  it("that stays on its way is in doubt rather than done", async () => {
    const asked = homeThat(() => told("pending"));

    await expect(wallet().exchange(500, "once")).rejects.toMatchObject({ code: "NETWORK" });
    expect(asked.length).toBe(6);
  });

  it("of another amount is not believed", async () => {
    homeThat(() => told("settled", { amount_fen: 400 }));
    const wary = wallet();

    await expect(wary.exchange(500, "once")).rejects.toMatchObject({ code: "PEER" });
    expect(wary.balanceFen).toBe(0);
  });
});
