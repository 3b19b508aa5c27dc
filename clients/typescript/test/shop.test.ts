/** Shops and tills against a home that is played here. */

import { describe, expect, it } from "vitest";
import { Domain, HashKind, PeerError, Shop, SignedClient, SigningKey, Till, tillIdOf } from "../src/index.js";
import { homeThat } from "./playedHome.js";

const DOMAIN = new Domain(new Uint8Array(32), HashKind.Sha256);
const WALLET_ID = "000102030405060708090a0b0c0d0e0f";
const COUNTED = Uint8Array.from({ length: 32 }, (_, place) => place);
const KEY = new SigningKey(COUNTED);
const HOME_URL = "http://home.example";

function shop(): Shop {
  const client = new SignedClient(HOME_URL, { keyId: `wallet:${WALLET_ID}`, sign: (message) => KEY.sign(message) });
  return new Shop(client, WALLET_ID, DOMAIN);
}

function till(): Till {
  return new Till(KEY, { homeUrl: HOME_URL, merchantWalletId: WALLET_ID, domain: DOMAIN });
}

describe("a till", () => {
  it.each([
    [HashKind.Sha256, "316345733987812e24c9a490978cd307"],
    [HashKind.Sm3, "5b8d47a67934be695e366a0f27d8ce16"],
  ])("has the id under hash %i that the reference gives it", (kind, id) => {
    expect(tillIdOf(COUNTED.slice(0, 16), COUNTED, new Domain(new Uint8Array(32), kind))).toBe(id);
  });

  it.each([
    ["of another till", { merchant_wallet_id: WALLET_ID, till_id: "f".repeat(32), amount_fen: 100 }],
    ["of another merchant", { merchant_wallet_id: "f".repeat(32), till_id: till().tillId, amount_fen: 100 }],
    ["over another amount", { merchant_wallet_id: WALLET_ID, till_id: till().tillId, amount_fen: 101 }],
  ])("shows no customer an order %s", async (_, order) => {
    homeThat(() => order);

    await expect(till().ask({ amountFen: 100, orderNumber: "1" })).rejects.toBeInstanceOf(PeerError);
  });

  it("asks with all that an order holds", async () => {
    const sent: string[] = [];
    homeThat((_, __, asked) => {
      sent.push(asked.body);
      return { merchant_wallet_id: WALLET_ID, till_id: till().tillId, amount_fen: 100 };
    });

    await till().ask({ amountFen: 100, orderNumber: "1", description: "tea", expiresInS: 60, tipFenMax: 5 });

    expect(JSON.parse(sent[0] ?? "")).toEqual({
      amount_fen: 100,
      order_number: "1",
      description: "tea",
      expires_in_s: 60,
      tip_fen_max: 5,
    });
  });
});

describe("a shop", () => {
  it("believes no home that admits another key than it was asked for", async () => {
    homeThat(() => ({ till_id: "f".repeat(32) }));

    await expect(shop().admit("Counter", KEY.publicKey)).rejects.toBeInstanceOf(PeerError);
  });

  it("reads a report's lines page by page, and does not read the same page for ever", async () => {
    const asked: string[] = [];
    homeThat((_, query) => {
      asked.push(`${query.get("day") ?? "today"} ${query.get("after") ?? ""}`);
      return { day: "2026-11-22", lines: [{}], next: asked.length < 3 ? `p${asked.length}` : "p2" };
    });

    const report = await shop().report();

    expect([report.lines.length, asked]).toEqual([3, ["today ", "2026-11-22 p1", "2026-11-22 p2"]]);
  });

  it("asks only for what its search names", async () => {
    const asked: string[] = [];
    homeThat((_, query) => {
      asked.push(query.toString());
      return { orders: [], next: "" };
    });

    await shop().orders({ state: "paid", tillId: "ab", paidFromMs: 5 });

    expect(asked).toEqual(["after=&limit=50&state=paid&till_id=ab&paid_from_ms=5"]);
  });
});
