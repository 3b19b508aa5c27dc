/** What a wallet asks its home, and what it believes of the answer, against a home that is played here. */

import { describe, expect, it } from "vitest";
import { type Genesis, Domain, HashKind, MemoryStore, Wallet, WalletKeys, newPhrase, seedOf } from "../src/index.js";
import { homeThat } from "./playedHome.js";

const DOMAIN = new Domain(new Uint8Array(32), HashKind.Sha256);
const GENESIS = { domain: DOMAIN, receiptKeys: [], testNetwork: true } as unknown as Genesis;
const KEYS = new WalletKeys(seedOf(await newPhrase()), DOMAIN);
const URL_OF_HOME = "http://home.example";

function wallet(): Wallet {
  return new Wallet(KEYS, { genesis: GENESIS, home: 1, homeUrl: URL_OF_HOME, centreUrl: URL_OF_HOME }, new MemoryStore());
}

describe("an order that is looked at", () => {
  it("is the one that was asked for", async () => {
    const asked = homeThat(() => ({ order_id: "tea", home: 2, merchant_name: "Tea" }));

    expect(await wallet().order("tea", 2)).toMatchObject({ merchant_name: "Tea" });
    expect(asked).toEqual(["/v1/homes/2/orders/tea"]);
  });

  it.each([
    ["another order", { order_id: "plums", home: 2 }],
    ["an order of another home", { order_id: "tea", home: 3 }],
  ])("is not shown where the home answers with %s", async (_, told) => {
    homeThat(() => ({ ...told, merchant_name: "Tea" }));

    await expect(wallet().order("tea", 2)).rejects.toMatchObject({ code: "PEER" });
  });
});

describe("a wallet that is opened", () => {
  it("asks with one key for one request, and with another for a corrected name", async () => {
    const keys: string[] = [];
    homeThat((_path, _query, { headers }) => {
      keys.push(headers.get("idempotency-key") ?? "");
      return { locks_left: 64 };
    });
    const opening = { holderName: "Li Na", walletClass: "II" } as const;

    for (const holderName of ["Li Na", "Li Na", "Lin Na"]) await wallet().open({ ...opening, holderName });

    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(2);
    expect(keys.every((key) => /^[!-~]{1,128}$/.test(key))).toBe(true);
  });
});
