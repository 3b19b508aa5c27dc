/** Links and codes are read and written as everywhere else, and no text does more than be refused. */

import { describe, expect, it } from "vitest";
import { Address } from "../src/address.js";
import { fromHex } from "../src/bytes.js";
import { linkText, parseLink } from "../src/codes/link.js";
import { STEP_MS, parsePaymentCode, paymentCodeAt } from "../src/codes/paymentCode.js";
import { readCode } from "../src/codes/readCode.js";
import { parseShopCode, shopCode } from "../src/codes/shopCode.js";
import { Domain } from "../src/domain.js";
import { TongbaoError } from "../src/errors.js";
import { load } from "./vectors.js";

interface LinkCase {
  readonly name: string;
  readonly link: string;
  readonly kind: "order" | "shop" | "person";
  readonly order_id?: string;
  readonly merchant_wallet_id?: string;
  readonly amount_fen?: number | null;
}

interface ShopCase {
  readonly name: string;
  readonly link: string;
  readonly shop: { name: string; category: string; asset_code: string; city?: string; label?: string };
  readonly amount_fen: number | null;
  readonly code: string;
}

interface PaymentCase {
  readonly home: number;
  readonly handle: string;
  readonly secret: string;
  readonly time_ms: number;
  readonly code: string;
}

const LINKS = load<{
  network_id: string;
  valid: LinkCase[];
  also: { name: string; text: string; link: string }[];
  refused: { name: string; text: string; refusal: string }[];
}>("codes/links.json");
const SHOPS = load<{ network_id: string; valid: ShopCase[]; refused: { name: string; code: string; refusal: string }[] }>(
  "codes/shop_codes.json",
);
const PAYERS = load<{ valid: PaymentCase[] }>("codes/payment_codes.json");

const NETWORK = { domain: new Domain(fromHex(LINKS.network_id), 1), testNetwork: true };

function codeOf(text: string): string {
  try {
    readCode(text, NETWORK);
  } catch (error) {
    if (error instanceof TongbaoError) return error.code;
    throw error;
  }
  return "none";
}

describe("a link", () => {
  it.each(LINKS.valid)("says what the vectors say, and is written so: $name", ({ name: _, link, ...said }) => {
    const found = parseLink(link);

    const { order_id: orderId, merchant_wallet_id: merchantWalletId, amount_fen: amountFen, ...same } = said;
    const named = Object.entries({ orderId, merchantWalletId, amountFen }).filter(([, value]) => value !== undefined);
    expect(found).toEqual({ ...same, ...Object.fromEntries(named), network: "00010203" });
    expect(linkText(found)).toBe(link);
  });
  it.each(LINKS.also)("has other spellings: $name", ({ text, link }) => {
    const found = readCode(text, NETWORK);

    expect(found.kind !== "payer" && linkText(found)).toBe(link);
  });
  it.each(LINKS.refused)("is refused by its name: $name", ({ text, refusal }) => {
    expect(codeOf(text)).toBe(refusal);
  });
  it("is written with no purpose that could not be read", () => {
    const to = { kind: "person", address: "tb1", network: "00010203", amountFen: null } as const;

    expect(() => linkText({ ...to, purpose: "a\u202eb" })).toThrow(/printable/);
  });
});

describe("a shop's code", () => {
  it.each(SHOPS.valid)("is made and read as the vectors say: $name", ({ link, shop, amount_fen, code }) => {
    const target = parseLink(link);
    if (target.kind === "person") throw new Error("the vectors have shops only");

    expect(shopCode(target, { ...shop, assetCode: shop.asset_code }, amount_fen)).toBe(code);
    expect(linkText(parseShopCode(code))).toBe(link);
    expect(readCode(`${code}\n`, NETWORK)).toEqual(target);
  });
  it.each(SHOPS.refused)("is refused by its name: $name", ({ code, refusal }) => {
    expect(codeOf(code)).toBe(refusal);
  });
  it("holds no id that is too long for it", () => {
    const target = { kind: "order", home: 1, orderId: "no-hex", network: "00010203" } as const;

    expect(() => shopCode(target, { name: "Tea", category: "5812", assetCode: "CNY" })).toThrow(/does not fit/);
  });
});

describe("a payer's code", () => {
  it.each(PAYERS.valid)("is that of its half minute: $code", ({ secret, time_ms, code, home, handle }) => {
    const book = { home, handle, secret: fromHex(secret) };

    expect(paymentCodeAt(book, time_ms)).toBe(code);
    expect(paymentCodeAt(book, time_ms + STEP_MS)).not.toBe(code);
    expect(readCode(` ${code.replace(/(.{4})/g, "$1 ")}`, NETWORK)).toEqual({ kind: "payer", home, text: code });
  });
  it.each(["", "72".padEnd(32, "0"), "71".padEnd(31, "0"), "71".padEnd(33, "0"), "719999999999".padEnd(32, "0")])(
    "has 32 digits and a home that can be: %s",
    (text) => {
      expect(() => parsePaymentCode(text)).toThrow(/no payment code/);
    },
  );
});

describe("an address", () => {
  it("is read alone, on its own network only", () => {
    const here = new Address(2, new Uint8Array(16), true).toString();

    expect(readCode(` ${here.toUpperCase()} `, NETWORK)).toMatchObject({ kind: "person", address: here, amountFen: null });
    expect(codeOf(new Address(2, new Uint8Array(16), false).toString())).toBe("WRONG_NETWORK");
  });
});

describe("hostile text", () => {
  it("is refused by a code, however it is made of what is valid", () => {
    const parts = [...LINKS.valid.map((each) => each.link), ...SHOPS.valid.map((each) => each.code)];
    const strange = ["\u0000", "\ud83d", "%", "\u202e", "９", "0", "99", "6304", "&", "<script>", "26", "\u{1f375}"];
    let seed = 7;
    const dice = (count: number): number => (seed = (seed * 48_271) % 2_147_483_647) % count;
    const outcomes = new Set<string>();

    for (let round = 0; round < 5_000; round++) {
      const text = parts[dice(parts.length)] ?? "";
      const [from, length] = [dice(text.length), dice(9)];
      outcomes.add(codeOf(text.slice(0, from) + (strange[dice(strange.length)] ?? "") + text.slice(from + length)));
    }

    expect([...outcomes].sort()).toEqual(expect.arrayContaining(["LINK_INVALID", "QR_CHECKSUM"]));
    expect(["tongbao:" + "pay?".repeat(9_000), "x".repeat(10_000), "000201".repeat(1_000)].map(codeOf)).toEqual([
      "LINK_INVALID",
      "LINK_INVALID",
      "QR_MALFORMED",
    ]);
  });
});
