import type { Signer } from "@tongbao/client";
import { afterEach, expect, test, vi } from "vitest";
import { HomeCalls } from "../../src/wallet/homeCalls";

const SHOP = "6f".repeat(16);
const ORDER = { order_id: "f0", home: 2, merchant_wallet_id: SHOP, merchant_name: "Tea", amount_fen: 1_280 };
const SIGNER: Signer = { keyId: "wallet:w", sign: () => Promise.resolve(new Uint8Array(64)) };

afterEach(() => vi.unstubAllGlobals());

/** What a payer is shown who scanned the code of `SHOP`, where the payer's home answers with this. */
function scanned(answer: object): Promise<unknown> {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(answer), { status: 200 })));
  return new HomeCalls("http://home.example", SIGNER, "w").orderAt(2, SHOP, 1_280, "scan");
}

test("an order for a hung-up code is what its shop asks for", async () => {
  expect(await scanned(ORDER)).toEqual(ORDER);
});

test.each([
  ["wallet", { merchant_wallet_id: "7a".repeat(16) }],
  ["home", { home: 3 }],
  ["amount", { amount_fen: 9_999 }],
])("an order of another %s than the code says is not shown, whatever name it bears", async (_what, other) => {
  await expect(scanned({ ...ORDER, ...other })).rejects.toMatchObject({ code: "PEER" });
});
