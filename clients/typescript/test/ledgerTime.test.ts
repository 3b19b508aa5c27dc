/** What a wallet believes of ledger time. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromHex, toBase64, toHex } from "../src/bytes.js";
import { CentreKeys } from "../src/centreKeys.js";
import { type Genesis, PublicKey, Receipt, SignedClient } from "../src/index.js";
import { LedgerTime } from "../src/ledgerTime.js";
import { domainOf, load } from "./vectors.js";

const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

beforeEach(() => void vi.spyOn(Date, "now").mockReturnValue(NOW_MS));
afterEach(() => void vi.restoreAllMocks());

describe("a home's word on ledger time", () => {
  it.each([DAY_MS, 0, -7 * DAY_MS])("is believed at %i ms from the device's clock", (apartMs) => {
    expect(new LedgerTime().demandNow(NOW_MS + apartMs)).toBe(NOW_MS + apartMs);
  });
  it.each([DAY_MS + 1, -7 * DAY_MS - 1])("is refused at %i ms from the device's clock", (apartMs) => {
    expect(() => new LedgerTime().demandNow(NOW_MS + apartMs)).toThrow(/nothing was signed/);
  });
  it("is refused long before what the centre signed, and believed near it whatever the device's clock says", () => {
    const time = new LedgerTime();
    time.heard(NOW_MS + 30 * DAY_MS);
    time.heard(NOW_MS);
    const signedMs = NOW_MS + 30 * DAY_MS;

    expect([-HOUR_MS, DAY_MS].map((apartMs) => time.demandNow(signedMs + apartMs) - signedMs)).toEqual([-HOUR_MS, DAY_MS]);
    expect(() => time.demandNow(signedMs - HOUR_MS - 1)).toThrow(/long ago/);
    expect(() => time.demandNow(signedMs + DAY_MS + 1)).toThrow(/far ahead/);
  });
  it("of long ago is enough where it can only expire the sooner", () => {
    expect(new LedgerTime().demandNotAhead(0)).toBe(0);
    expect(() => new LedgerTime().demandNotAhead(NOW_MS + DAY_MS + 1)).toThrow(/far ahead/);
  });
});

describe("a receipt that proves a settlement", () => {
  const vectors = load("coin/receipt.json");
  const receiptKeys = vectors.receipt_keys.map((each) => new PublicKey(each.suite, fromHex(each.key)));
  const genesis = { domain: domainOf(vectors, "sample"), receiptKeys } as unknown as Genesis;
  const receipt = vectors.valid.map(({ bytes }) => Receipt.decode(fromHex(bytes))).find(({ status }) => status === 0);

  it("says how late it was at least", async () => {
    if (receipt === undefined) throw new Error("no vector settles");
    const signedMs = Number(receipt.head.timeMs);
    vi.mocked(Date.now).mockReturnValue(signedMs);
    const centreKeys = new CentreKeys(new SignedClient("http://centre.example", null), genesis);
    const before = centreKeys.time.demandNow(signedMs - 2 * HOUR_MS);

    await centreKeys.demandSettled(toBase64(receipt.encode()), toHex(receipt.transactionId));

    expect(before).toBe(signedMs - 2 * HOUR_MS);
    expect(() => centreKeys.time.demandNow(signedMs - 2 * HOUR_MS)).toThrow(/long ago/);
  });
});
