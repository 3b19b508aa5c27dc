/** Wallets that a passkey guards: their locks, the one gesture, and what the phrase alone can do. */

import { beforeAll, describe, expect, it } from "vitest";
import { ascii, fromHex, toBase64, toHex } from "../src/bytes.js";
import { Database } from "../src/device/database.js";
import { DeviceKeyring } from "../src/device/deviceKeyring.js";
import { bringKeys } from "../src/device/keptKeys.js";
import { Domain } from "../src/domain.js";
import type { Genesis } from "../src/index.js";
import { Wallet, WalletKeys, newPhrase, seedOf } from "../src/index.js";
import { Path, TimedLock, readLock } from "../src/lock.js";
import { Reader } from "../src/encoding.js";
import { assertionFor, passkeyKey } from "../src/passkey/passkeyKey.js";
import { type TimedTerms, laterFromMs, termsIn, timedLock } from "../src/passkey/timedLocks.js";
import { PocketWords } from "../src/pocketWords.js";
import { seal } from "../src/sealing.js";
import { PublicKey } from "../src/suites.js";
import { type PlayedPasskey, playedPasskey } from "./authenticator.js";
import { homeThat } from "./playedHome.js";
import { browser } from "./tabs.js";
import { load } from "./vectors.js";

interface PasskeyVectors {
  readonly networks: Record<string, { hash: number; network_id: string }>;
  readonly rp_id: string;
  readonly origin: string;
  readonly point: string;
  readonly key: string;
  readonly period_ms: string;
  readonly times: readonly { made_ms: string; later_from_ms: string }[];
  readonly wallets: readonly {
    network: string;
    phrase: string;
    made_ms: string;
    locks: readonly { index: number; lock: string; lock_id: string }[];
    description: { number: number; pocket_id: string; words: string };
  }[];
}

const VECTORS = load<PasskeyVectors>("wallet/passkeys.json");
const PASSKEY = {
  credentialId: new Uint8Array(1),
  rpId: VECTORS.rp_id,
  origin: VECTORS.origin,
  point: fromHex(VECTORS.point),
};
const PERIOD_MS = Number(VECTORS.period_ms);
const DIGEST = Uint8Array.from({ length: 32 }, (_, place) => place);

describe("the key of a passkey", () => {
  it("is that of the vectors", () => {
    expect(toHex(passkeyKey(PASSKEY).encode())).toBe(VECTORS.key);
  });
  it.each(VECTORS.times)("has locks that open to the phrase at $later_from_ms if made at $made_ms", (time) => {
    expect(laterFromMs(Number(time.made_ms))).toBe(Number(time.later_from_ms));
  });
});

describe.each(VECTORS.wallets)("a wallet of a passkey on $network", ({ network, phrase, made_ms, locks, description }) => {
  const told = VECTORS.networks[network] ?? { hash: 0, network_id: "" };
  const keys = new WalletKeys(seedOf(phrase), new Domain(fromHex(told.network_id), told.hash));
  const terms = { passkey: fromHex(VECTORS.key), laterFromMs: laterFromMs(Number(made_ms)) };

  it.each(locks)("has lock $index", ({ index, lock, lock_id }) => {
    const { key, salt } = keys.lockSecret(index);
    const made = timedLock(terms, key, salt);

    expect([toHex(made.encode()), toHex(made.id(keys.domain))]).toEqual([lock, lock_id]);
  });
  it("is described so that its phrase finds every lock", () => {
    const { lock, number, path, purpose } = PocketWords.decode(fromHex(description.words));
    const found = termsIn(lock, purpose, Number(made_ms) + PERIOD_MS);

    expect([number, path, toHex(lock.id(keys.domain))]).toEqual([description.number, Path.B, description.pocket_id]);
    expect(found.map((each) => each.laterFromMs)).toEqual([-1, 0, 1].map((later) => terms.laterFromMs + later * PERIOD_MS));
    expect(termsIn(lock, "savings", Number(made_ms))).toEqual([]);
  });
});

describe("an assertion", () => {
  it("is what the ledger takes", async () => {
    const { passkey, ask } = await playedPasskey();
    const reader = new Reader(assertionFor(passkey, DIGEST, await ask(passkey, DIGEST)), "assertion");
    const [authenticatorData, clientData, signature] = [reader.sizedU16(), reader.sizedU16(), reader.rest()];

    const key = await crypto.subtle.importKey(
      "raw",
      new Uint8Array(passkey.point),
      { name: "ECDSA", namedCurve: "P-256" },
      false,
      ["verify"],
    );
    const hashed = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(clientData)));
    const message = new Uint8Array([...authenticatorData, ...hashed]);
    const fits = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, new Uint8Array(signature), message);
    expect([fits, signature.length]).toEqual([true, 64]);
  });
  it.each([
    ["of another page", { rpId: "evil.example" }],
    ["of another origin", { origin: "https://evil.example" }],
    ["of nobody who was verified", { flags: 0x01 }],
  ])("is refused before anything is sent where it is %s", async (_, mischief) => {
    const { passkey, ask } = await playedPasskey("pay.example", mischief);
    const raw = await ask(passkey, DIGEST);

    expect(() => assertionFor(passkey, DIGEST, raw)).toThrow(/cannot be used/);
  });
  it("of another payment is refused", async () => {
    const { passkey, ask } = await playedPasskey();
    const raw = await ask(passkey, new Uint8Array(32));

    expect(() => assertionFor(passkey, DIGEST, raw)).toThrow(/signs something else/);
  });
  it.each(["", "3006020101", "3044", "30060201010201ff00"])("whose signature is no DER is refused: %s", async (der) => {
    const { passkey, ask } = await playedPasskey();
    const raw = await ask(passkey, DIGEST);

    expect(() => assertionFor(passkey, DIGEST, { ...raw, signature: fromHex(der) })).toThrow(/signature/);
  });
});

describe("the device of a passkey's wallet", () => {
  const keys = new WalletKeys(seedOf(VECTORS.wallets[0]?.phrase ?? ""), new Domain(DIGEST, 1));
  const periodMs = 1_000;
  let played: PlayedPasskey;
  let keyring: DeviceKeyring;
  let database: Database;

  beforeAll(async () => {
    played = await playedPasskey();
    database = await Database.open(crypto.randomUUID());
    const passkey = { passkey: played.passkey, periodMs };
    await bringKeys(database, keys, { home: 1, locks: [0, 1, 2, 3], pockets: [], freshPockets: 0, passkey });
    const found = await DeviceKeyring.open(database, toHex(keys.walletId), played.ask);
    if (found === null) throw new Error("it is not there");
    keyring = found;
    await keyring.guard?.renew(0, 500);
    await keyring.guard?.renew(2, 1_500);
  });

  it("has no key that opens its locks, and makes each for its time", async () => {
    const kept = await database.read(["locks"], (access) =>
      access.all<{ signer: unknown }>("locks", toHex(keys.walletId)),
    );
    const ids = await keyring.lockIds(0, 4);

    const made = [2_000, 2_000, 3_000, 3_000].map((later, index) => {
      const { key, salt } = keys.lockSecret(index);
      return timedLock({ passkey: passkeyKey(played.passkey).encode(), laterFromMs: later }, key, salt);
    });
    expect(kept.map((each) => each.signer)).toEqual([null, null, null, null]);
    expect(ids.map((each) => each && toHex(each))).toEqual(made.map((lock) => toHex(lock.id(keys.domain))));
  });
  it("asks for one gesture for all coins of a payment, and for none where its main key opens them", async () => {
    played.gestures = 0;
    const both = await keyring.witnesses([{ index: 0 }, { salt: DIGEST }, { index: 3 }], DIGEST);
    const once = played.gestures;
    await keyring.witnesses([{ salt: DIGEST }], DIGEST);

    expect([once, played.gestures]).toEqual([1, 1]);
    expect(both.map(({ lock }) => lock instanceof TimedLock)).toEqual([true, false, true]);
    expect(toHex(both[0]?.signature ?? DIGEST)).toBe(toHex(both[2]?.signature ?? new Uint8Array()));
  });
  it("says from when on the phrase opens each lock", () => {
    expect([0, 1, 2].map((index) => keyring.guard?.phraseFromMs(index))).toEqual([2_000, 2_000, 3_000]);
  });
  it("leaves a term again that lies further ahead than the next period", async () => {
    const passkey = { passkey: played.passkey, periodMs };
    const fresh = await Database.open(crypto.randomUUID());
    await bringKeys(fresh, keys, { home: 1, locks: [0, 1, 2, 3], pockets: [], freshPockets: 0, passkey });
    const misled = await DeviceKeyring.open(fresh, toHex(keys.walletId), played.ask);
    await misled?.guard?.renew(0, 900_000);

    await misled?.guard?.renew(1, 1_500);
    await misled?.guard?.renew(2, 500);

    expect([0, 1, 2].map((index) => misled?.guard?.phraseFromMs(index))).toEqual([902_000, 3_000, 3_000]);
  });
  it("has the same locks in another tab, also those of a time that began since", async () => {
    const other = await DeviceKeyring.open(database, toHex(keys.walletId), played.ask);
    await keyring.guard?.renew(3, 2_500);

    await other?.refresh();

    expect(await other?.lockIds(0, 4)).toEqual(await keyring.lockIds(0, 4));
  });
});

const GENESIS = { domain: new Domain(DIGEST, 1), receiptKeys: [], testNetwork: true, inputsMax: 16, expiryAheadMaxMs: 60_000n };
const SETTING = {
  genesis: GENESIS as unknown as Genesis,
  home: 1,
  homeUrl: "http://home.example",
  centreUrl: "http://home.example",
  patience: { timeoutMs: 1_000, attemptsMax: 1, pauseMsFirst: 1, pauseMsMax: 1 },
};

describe("a passkey's wallet", () => {
  it("hands out no lock before its home keeps what finds it again", async () => {
    const played = await playedPasskey();
    const told: { path: string; body: string }[] = [];
    homeThat((path, _query, { body }) => {
      told.push({ path, body });
      return { locks_left: 0, time_ms: Date.now() };
    });
    const wallet = await (await browser(played.ask)()).create(await newPhrase(), SETTING, { passkey: played.passkey });

    await wallet.open({ holderName: "Li", walletClass: "IV" });

    const posted = told.filter(({ body }) => body !== "");
    expect(posted.map(({ path }) => path)).toEqual(["/v1/wallets", "/v1/pockets", `/v1/wallets/${wallet.walletId}/locks`]);
    expect(JSON.parse(posted[0]?.body ?? "")).toMatchObject({ locks: [], locks_signature: "" });
    expect(posted[1]?.body).not.toContain(toHex(played.passkey.point).slice(0, 32));
    expect(played.gestures).toBe(0);
  });
  it("moves what its home paid to the main key under the passkey, and says so until then", async () => {
    const [played, phrase] = [await playedPasskey(), await newPhrase()];
    const keys = new WalletKeys(seedOf(phrase), SETTING.genesis.domain);
    const coin = {
      coin_id: "1".repeat(64),
      origin: "0".repeat(64),
      index: 0,
      asset: 0,
      value: 70,
      home: 1,
      lock_id: toHex(keys.lockId({ salt: DIGEST })),
    };
    const [asked, nowMs]: [string[], number] = [[], Date.now()];
    homeThat((path, _query, { body }) => {
      asked.push(`${path} ${body}`);
      if (path.endsWith("/coins")) return { coins: [{ coin, salt: toHex(DIGEST) }], next: "" };
      if (path !== "/v1/payments/prepare") return { locks_left: 64, time_ms: nowMs };
      const { payee } = JSON.parse(body) as { payee: { own_lock: string } };
      const proof = { lock_id: payee.own_lock, key: "", index: 0, count: 0, path: [], signature: "", salt: null };
      const terms = { payment_id: "1", amount_fen: 70, payee_home: 1, payee_wallet_id: toHex(keys.walletId), proof };
      return { ...terms, acceptance: null, reference: "0".repeat(64), expiry_ms: nowMs + 30_000, time_ms: nowMs };
    });
    const wallet = await (await browser(played.ask)()).create(phrase, SETTING, { passkey: played.passkey });

    await wallet.sync();

    const [moved] = wallet.payments;
    expect([wallet.keysLeft.unguardedFen, moved?.amountFen, played.gestures]).toEqual([70, 70, 0]);
    expect(moved?.change).toMatchObject({ valueFen: 70, lockIndex: 0, salt: null });
    expect(asked.some((each) => each.startsWith("/v1/payments ") && each.includes(moved?.paymentId ?? "?"))).toBe(true);
  });
});

describe("a passkey's wallet whose home tells a wrong time", () => {
  const DAY_MS = 86_400_000;

  it.each([
    ["far ahead", () => Date.now() + 2 * DAY_MS],
    ["long ago", () => 0],
  ])("hands out no lock, and has nothing described: %s", async (_, timeMs) => {
    const played = await playedPasskey();
    const asked = homeThat(() => ({ locks_left: 0, time_ms: timeMs() }));
    const wallet = await (await browser(played.ask)()).create(await newPhrase(), SETTING, { passkey: played.passkey });

    await expect(wallet.open({ holderName: "Li", walletClass: "IV" })).rejects.toMatchObject({ code: "PEER" });
    expect(asked).toEqual(["/v1/wallets", `/v1/wallets/${wallet.walletId}`]);
  });
  it("hands out no lock either once it has been described", async () => {
    const played = await playedPasskey();
    let timeMs = Date.now();
    const asked = homeThat(() => ({ locks_left: 0, time_ms: timeMs }));
    const wallet = await (await browser(played.ask)()).create(await newPhrase(), SETTING, { passkey: played.passkey });
    await wallet.open({ holderName: "Li", walletClass: "IV" });
    const before = asked.length;
    timeMs += 2 * DAY_MS;

    await expect(wallet.refill()).rejects.toMatchObject({ code: "PEER" });
    expect(asked.slice(before)).toEqual([`/v1/wallets/${wallet.walletId}`]);
  });
});

describe("a wallet whose passkey is lost", () => {
  it("is recovered on the device that has it still: keys of the device sign from then on, and no gesture is asked", async () => {
    const [played, phrase] = [await playedPasskey(), await newPhrase()];
    const keys = new WalletKeys(seedOf(phrase), SETTING.genesis.domain);
    const [periodMs, nowMs] = [1_000_000, Date.now()];
    const terms = { passkey: passkeyKey(played.passkey).encode(), laterFromMs: laterFromMs(nowMs, periodMs) };
    const listed = [coinUnder(keys, 3, terms, 40)];
    const [described, handed, sent]: [object[], string[], string[]] = [[], [], []];
    homeThat((path, query, { body }) => {
      if (path === "/v1/pockets" && body !== "") {
        const told = JSON.parse(body) as { pocket_id: string; sealed_for_maker: string };
        described.push({ pocket_id: told.pocket_id, state: "empty", sealed: told.sealed_for_maker, home: 1 });
      }
      if (path === "/v1/pockets") return { pockets: query.get("made_by") === "maker" ? described : [], next: "" };
      if (path.endsWith("/locks")) handed.push(...(JSON.parse(body) as { lock_ids: string[] }).lock_ids);
      if (path.endsWith("/coins")) return { coins: listed, next: "" };
      if (path === "/v1/payments") sent.push(body);
      return path === "/v1/payments/prepare" ? depositOf(10, keys, nowMs) : { locks_left: 0, time_ms: nowMs };
    });
    const device = await browser(played.ask)();
    const wallet = await device.create(phrase, SETTING, { passkey: played.passkey, periodMs });
    await wallet.open({ holderName: "Li", walletClass: "IV" });
    handed.length = 0;

    const back = await device.recover(phrase, SETTING);
    await back.refill();
    const [fresh = ""] = handed.slice(-1);
    listed.push(coinOf(fresh, 30));
    await back.sync();
    await expect(back.deposit(10)).rejects.toThrow();

    const [known] = await device.wallets();
    expect([known?.hasPasskey, back.balanceFen, played.gestures, sent.length]).toEqual([false, 70, 0, 1]);
    expect(back.keysLeft.later).toEqual([{ valueFen: 40, opensAtMs: terms.laterFromMs }]);
  });
  it("finds what was locked and what still arrives, opens it when its time has come, and shows no description", async () => {
    const [played, phrase] = [await playedPasskey(), await newPhrase()];
    const keys = new WalletKeys(seedOf(phrase), SETTING.genesis.domain);
    const periodMs = 1_000_000;
    const nowMs = Date.now();
    const terms = { passkey: passkeyKey(played.passkey).encode(), laterFromMs: laterFromMs(nowMs, periodMs) };
    const former = { ...terms, laterFromMs: terms.laterFromMs - 2 * periodMs };
    const [early, late] = [coinUnder(keys, 3, former, 30), coinUnder(keys, 5, terms, 40)];
    const listed = [early];
    const own = keys.pocketSecret(9);
    const lock = timedLock({ ...terms, laterFromMs: terms.laterFromMs - 4 * periodMs }, own.key, own.salt);
    const words = new PocketWords(lock, Path.B, 9, `tongbao/passkey/1 ${periodMs}`);
    const sealed = await seal(words.encode(), keys.mainKey.key, lock.id(keys.domain), new Uint8Array(32).fill(5));
    const pocket = { pocket_id: toHex(lock.id(keys.domain)), state: "empty", sealed: toBase64(sealed), home: 1 };
    homeThat((path, query) => {
      if (path.endsWith("/coins")) return { coins: listed, next: "" };
      if (path === "/v1/pockets") return { pockets: query.get("made_by") === "maker" ? [pocket] : [], next: "" };
      return { locks_left: 64, time_ms: nowMs };
    });

    const lost = await (await browser()()).recover(phrase, SETTING);
    const found = lost.balanceFen;
    listed.push(late);
    const balance = await lost.sync();

    expect([found, balance, lost.keysLeft.elsewhereFen]).toEqual([30, 70, 0]);
    expect(lost.keysLeft.later).toEqual([{ valueFen: 40, opensAtMs: terms.laterFromMs }]);
    expect(await lost.pockets.all()).toEqual([]);
    await expect(lost.payPerson(lost.address, 31, "x")).rejects.toMatchObject({ code: "COINS_INSUFFICIENT" });
  });
});

/** What a home prepares that turns coins into deposit. */
function depositOf(amountFen: number, keys: WalletKeys, nowMs: number): object {
  const key = toBase64(keys.mainKey.encode());
  const proof = { lock_id: toHex(keys.lockId({ salt: DIGEST })), key, index: 0, count: 0, path: [], signature: "" };
  const payee = { payee_home: 1, payee_wallet_id: null, proof: { ...proof, salt: toHex(DIGEST) }, acceptance: null };
  const times = { expiry_ms: nowMs + 30_000, time_ms: nowMs };
  return { payment_id: "1", amount_fen: amountFen, ...payee, reference: "0".repeat(64), ...times };
}

/** A coin under a passkey's lock, as a home lists it. */
function coinUnder(keys: WalletKeys, index: number, terms: TimedTerms, valueFen: number): object {
  const { key, salt } = keys.lockSecret(index);
  return coinOf(toHex(timedLock(terms, key, salt).id(keys.domain)), valueFen);
}

function coinOf(lockId: string, valueFen: number): object {
  const coin = { coin_id: lockId, origin: "0".repeat(64), index: 0, asset: 0, value: valueFen, home: 1, lock_id: lockId };
  return { coin, salt: null };
}

describe("an origin", () => {
  it.each(["", "https://\"", "https://\\", `https://${"a".repeat(250)}`, "https://ü"])("that no key can hold is refused: %s", (origin) => {
    expect(() => passkeyKey({ ...PASSKEY, origin })).toThrow(/origin/);
  });
  it("is part of the key as it is", () => {
    const key = PublicKey.decode(fromHex(VECTORS.key)).key;

    expect(key.slice(-VECTORS.origin.length)).toEqual(ascii(VECTORS.origin));
    expect(readLock(new Reader(fromHex(VECTORS.wallets[0]?.locks[0]?.lock ?? ""), "lock"))).toBeInstanceOf(TimedLock);
  });
});

it("a wallet in memory has no guard", async () => {
  const keys = new WalletKeys(seedOf(await newPhrase()), new Domain(DIGEST, 1));

  expect(new Wallet(keys, SETTING, { load: async () => null, save: async () => undefined }).keysLeft.unguardedFen).toBe(0);
});
