/** A wallet that comes back from its phrase, against a home that is played here. */

import { describe, expect, it } from "vitest";
import { MemoryStore, TongbaoError, Wallet, WalletKeys, newPhrase, seedOf, toHex } from "../src/index.js";
import type { Genesis } from "../src/index.js";
import { Domain, HashKind } from "../src/index.js";
import { homeThat } from "./playedHome.js";

const PHRASE = await newPhrase();
const GENESIS = {
  domain: new Domain(new Uint8Array(32), HashKind.Sha256),
  receiptKeys: [],
  testNetwork: true,
} as unknown as Genesis;
const KEYS = new WalletKeys(seedOf(PHRASE), GENESIS.domain);

function wallet(store = new MemoryStore()): Wallet {
  const url = "http://home.example";
  return new Wallet(KEYS, { genesis: GENESIS, home: 1, homeUrl: url, centreUrl: url }, store);
}

function coin(lockIndex: number): object {
  return {
    coin: {
      coin_id: lockIndex.toString(16).padStart(64, "0"),
      origin: "0".repeat(64),
      index: 0,
      asset: 0,
      value: 100,
      home: 1,
      lock_id: toHex(KEYS.lockId({ index: lockIndex })),
      sequence: 1,
      spent: false,
    },
    salt: null,
  };
}

describe("a wallet that comes back from its phrase", () => {
  it.each([0, 511, 512, 1_100])("uses no lock again that its home may still hold, with a coin on lock %i", async (last) => {
    homeThat((path) => (path.endsWith("/coins") ? { coins: [coin(last)], next: "1" } : {}));
    const store = new MemoryStore();

    const found = await wallet(store).recover();

    const next = (await store.load())?.nextLockIndex ?? 0;
    expect(found).toBe(100);
    expect(next).toBeGreaterThan(last + 1_024);
    expect(next).toBeLessThanOrEqual(last + 1_024 + 512);
  });

  it("does not read the same page for ever", async () => {
    const page = Array.from({ length: 200 }, (_, place) => coin(place));
    const asked = homeThat((path) => (path.endsWith("/coins") ? { coins: page, next: "stands-still" } : {}));

    expect(await wallet().recover()).toBe(20_000);
    expect(asked.filter((path) => path.endsWith("/coins")).length).toBe(2);
  });
});

describe("a person who is paid by address", () => {
  const address = wallet().address;
  const payee = { address, name: "*ei Li", kind: "personal", matches: null };

  it("is shown by name, and nothing is signed where the holder does not agree", async () => {
    const asked = homeThat(() => payee);
    const shown: string[] = [];
    const agree = (found: { name: string }): boolean => {
      shown.push(found.name);
      return false;
    };

    const failed = wallet().payPerson(address, 5, "once", { agree });

    await expect(failed).rejects.toMatchObject({ code: "NOT_AGREED" });
    expect([shown, asked]).toEqual([["*ei Li"], ["/v1/payees"]]);
  });

  it("is not paid under another name than the one that is meant", async () => {
    const asked = homeThat((_path, _query, { body }) => ({ ...payee, matches: !body.includes("Zhou") }));

    const failed = wallet().payPerson(address, 5, "once", { payeeName: "Zhou Min" });

    await expect(failed).rejects.toMatchObject({ code: "NAME_DIFFERS", field: "payee_name" });
    expect(asked).toEqual(["/v1/payees"]);
  });

  it("is nobody else than was asked about", async () => {
    homeThat(() => ({ ...payee, address: "tb1other" }));

    await expect(wallet().payee(address)).rejects.toBeInstanceOf(TongbaoError);
  });
});
