/** Keys that lie on a device: the same as the phrase gives, used without it, and never read out. */

import { beforeAll, describe, expect, it } from "vitest";
import { fromHex, toHex } from "../src/bytes.js";
import { Database } from "../src/device/database.js";
import { FRESH_LOCKS } from "../src/device/device.js";
import { DeviceKeyring } from "../src/device/deviceKeyring.js";
import { IndexedDbStore } from "../src/device/indexedDbStore.js";
import { bringKeys } from "../src/device/keptKeys.js";
import { type Genesis, Domain, KeyLock, TongbaoError, Wallet, WalletKeys, newPhrase, seedOf } from "../src/index.js";
import { saltedLockId } from "../src/keyring.js";
import { LockBook } from "../src/lockBook.js";
import { verifyEd25519 } from "../src/suites.js";
import { homeThat } from "./playedHome.js";
import { browser, locksOfOneBrowser } from "./tabs.js";
import { load } from "./vectors.js";

interface WalletCase {
  readonly name: string;
  readonly phrase: string;
  readonly network: string;
  readonly wallet_id: string;
  readonly locks: readonly { index: number; lock_id: string; lock: string; signature_of_0_to_31: string }[];
  readonly salted_lock_id: string;
}

interface PocketCase {
  readonly network: string;
  readonly maker_phrase: string;
  readonly key: string;
  readonly salt: string;
  readonly pocket_id: string;
  readonly maker: { number: number; sealed: string };
}

type Networks = Record<string, { hash: number; network_id: string }>;

const VECTORS = load<{ networks: Networks; wallets: WalletCase[] }>("wallet/keys.json");
const POCKETS = load<{ networks: Networks; pockets: PocketCase[] }>("wallet/pockets.json");
const DIGEST = Uint8Array.from({ length: 32 }, (_, place) => place);

function domainOf(networks: Networks, network: string): Domain {
  const { hash, network_id } = networks[network] ?? { hash: 0, network_id: "" };
  return new Domain(fromHex(network_id), hash);
}

async function brought(
  keys: WalletKeys,
  locks: readonly number[],
  pockets: readonly number[] = [],
  freshPockets = 0,
): Promise<{ database: Database; keyring: DeviceKeyring }> {
  const database = await Database.open(crypto.randomUUID());
  await bringKeys(database, keys, { home: 1, locks, pockets, freshPockets });
  const keyring = await DeviceKeyring.open(database, toHex(keys.walletId));
  if (keyring === null) throw new Error("it is not there");
  return { database, keyring };
}

describe.each(VECTORS.wallets)("the device's keyring of $name on $network", (wallet) => {
  const keys = new WalletKeys(seedOf(wallet.phrase), domainOf(VECTORS.networks, wallet.network));
  let keyring: DeviceKeyring;

  beforeAll(async () => {
    const indexes = wallet.locks.map(({ index }) => index).sort((one, other) => one - other);
    ({ keyring } = await brought(keys, indexes));
  });

  it("is the wallet that the phrase gives", () => {
    expect(toHex(keyring.walletId)).toBe(wallet.wallet_id);
    expect(toHex(saltedLockId(keyring, new Uint8Array(32)))).toBe(wallet.salted_lock_id);
  });
  it.each(wallet.locks)("has lock $index and opens it", async ({ index, lock_id, lock, signature_of_0_to_31 }) => {
    const [found] = await keyring.lockIds(index, 1);
    const [witness] = await keyring.witnesses([{ index }], DIGEST);

    expect(toHex(found ?? new Uint8Array())).toBe(lock_id);
    expect(toHex(witness?.lock.encode() ?? new Uint8Array())).toBe(lock);
    expect(toHex(witness?.signature ?? new Uint8Array())).toBe(signature_of_0_to_31);
  });
  it("opens locks over its main key, beside others, in the order that was asked for", async () => {
    const index = wallet.locks[0]?.index ?? 0;

    const found = await keyring.witnesses([{ salt: DIGEST }, { index }, { salt: DIGEST }], DIGEST);

    const locks = found.map(({ lock }) => lock as KeyLock);
    expect(locks.map((lock) => lock.key.equals(keys.mainKey))).toEqual([true, false, true]);
    expect(found.every(({ signature }, place) => verifyEd25519(locks[place]?.key.key ?? DIGEST, signature, DIGEST))).toBe(
      true,
    );
  });
});

describe("pockets on a device", () => {
  it.each(POCKETS.pockets)("have the keys of the vector, and their words open: $pocket_id", async (pocket) => {
    const keys = new WalletKeys(seedOf(pocket.maker_phrase), domainOf(POCKETS.networks, pocket.network));
    const { keyring } = await brought(keys, [], [pocket.maker.number]);
    const [sealed, pocketId] = [Buffer.from(pocket.maker.sealed, "hex"), fromHex(pocket.pocket_id)];

    const found = await keyring.pocketKey(pocket.maker.number);

    expect([toHex(found.key.key), toHex(found.salt)]).toEqual([pocket.key, pocket.salt]);
    expect(verifyEd25519(found.key.key, await found.sign(DIGEST), DIGEST)).toBe(true);
    expect(await keyring.openSealed(sealed, pocketId)).toEqual(await keys.openSealed(sealed, pocketId));
    await expect(keyring.openSealed(sealed, DIGEST)).rejects.toMatchObject({ code: "PEER" });
  });
  it("take a key each, the same for the same request, until there is none left", async () => {
    const keys = new WalletKeys(seedOf(await newPhrase()), new Domain(DIGEST, 1));
    const { keyring } = await brought(keys, [], [], 2);

    const numbers = await Promise.all(["rent", "gift", "rent"].map((each) => keyring.pocketNumber(each)));

    expect(numbers[2]).toBe(numbers[0]);
    expect(new Set(numbers).size).toBe(2);
    await expect(keyring.pocketNumber("more")).rejects.toMatchObject({ code: "KEYS_MISSING" });
    await expect(keyring.pocketKey(numbers[0] === 5 ? 6 : 5)).rejects.toMatchObject({ code: "KEYS_MISSING" });
  });
});

describe("no secret", () => {
  it("lies on the device in a form that anybody could read out", async () => {
    const phrase = await newPhrase();
    const keys = new WalletKeys(seedOf(phrase), new Domain(DIGEST, 1));
    const { database } = await brought(keys, [0, 1], [7], 1);
    const secrets = [seedOf(phrase), keys.mainSecret(), keys.lockSecret(0).secret, keys.pocketSecret(7).secret];

    const kept = await database.read(["wallets", "locks", "lockIds", "pockets"], async (access) => [
      await access.get<object>("wallets", toHex(keys.walletId)),
      ...(await access.all<object>("locks", toHex(keys.walletId))),
      ...(await access.all<object>("lockIds", toHex(keys.walletId))),
      ...(await access.all<object>("pockets", toHex(keys.walletId))),
    ]);

    const values = kept.flatMap((each) => Object.values(each ?? {}) as unknown[]);
    const found = values.filter((value) => value instanceof CryptoKey);
    expect(found.map((key) => key.extractable)).toEqual(Array(6).fill(false));
    for (const key of found) await expect(crypto.subtle.exportKey("pkcs8", key)).rejects.toThrow();
    const written = values.map((value) => (value instanceof Uint8Array ? toHex(value) : String(value))).join(" ");
    for (const secret of secrets) expect(written).not.toContain(toHex(secret).slice(0, 64));
    expect(written).not.toContain(phrase.split(" ").slice(0, 2).join(" "));
  });
});

// --- wallets on a device ------------------------------------------------------------------------------------------------

const GENESIS = {
  domain: new Domain(DIGEST, 1),
  receiptKeys: [],
  testNetwork: true,
  inputsMax: 16,
  expiryAheadMaxMs: 60_000n,
} as unknown as Genesis;
const SETTING = { genesis: GENESIS, home: 1, homeUrl: "http://home.example", centreUrl: "http://home.example" };

function coin(lockId: Uint8Array, valueFen: number, salt: string | null = null): object {
  const value = { origin: "0".repeat(64), index: 0, asset: 0, value: valueFen, home: 1, sequence: 1, spent: false };
  return { coin: { coin_id: toHex(lockId), lock_id: toHex(lockId), ...value }, salt };
}

/** A home that has these coins and nothing else, and knows every wallet. */
function homeWith(coins: () => object[], more: Record<string, object> = {}): string[] {
  return homeThat((path) => {
    if (path.endsWith("/coins")) return { coins: coins(), next: "" };
    if (path === "/v1/pockets") return { pockets: [], next: "" };
    return more[path] ?? { locks_left: 0, time_ms: 1_000 };
  });
}

describe("a wallet on a device", () => {
  it("is opened with its phrase once, and is there without it in another tab", async () => {
    const [tab, phrase] = [browser(), await newPhrase()];
    const asked = homeWith(() => []);
    const wallet = await (await tab()).create(phrase, SETTING);
    await wallet.open({ holderName: "Li", walletClass: "IV" });

    const other = await tab();
    const again = await other.wallet(wallet.walletId, SETTING);

    expect(await other.wallets()).toMatchObject([{ walletId: wallet.walletId, home: 1, networkId: toHex(DIGEST) }]);
    expect(await again?.start()).toBe(true);
    expect(again?.keysLeft).toMatchObject({ fresh: FRESH_LOCKS - 64, elsewhereFen: 0, isLow: false });
    expect(asked).toEqual(["/v1/wallets"]);
  });
  it("is one of several, and is forgotten alone", async () => {
    const device = await browser()();
    const first = await device.create(await newPhrase(), SETTING);
    const second = await device.create(await newPhrase(), SETTING);

    await device.forget(first.walletId);

    expect((await device.wallets()).map((each) => each.walletId)).toEqual([second.walletId]);
    expect(await device.wallet(first.walletId, SETTING)).toBeNull();
  });
  it("does not overwrite, from a tab that slept meanwhile, what came back after it was forgotten", async () => {
    const database = await Database.open(crypto.randomUUID());
    const locks = locksOfOneBrowser();
    const state = { home: 1, nextLockIndex: 1, coins: [], payments: [] };
    const sleeping = new IndexedDbStore(database, "li", locks);
    await sleeping.save(state);
    await database.write(["states"], async (access) => access.clear("states", "li")); // as `Device.forget` does
    await new IndexedDbStore(database, "li", locks).save({ ...state, nextLockIndex: 9 });

    await expect(sleeping.save({ ...state, nextLockIndex: 2 })).rejects.toMatchObject({ code: "STORE_CHANGED" });
    expect((await sleeping.load())?.nextLockIndex).toBe(9);
    database.close();
  });
  it("knows in every tab what it offered to give back", async () => {
    const database = await Database.open(crypto.randomUUID());
    const locks = locksOfOneBrowser();
    const offers = [{ refundId: "r", orderId: "o", amountFen: 100 }];

    await new IndexedDbStore(database, "li", locks).save({ home: 1, nextLockIndex: 1, coins: [], payments: [], offers });

    expect((await new IndexedDbStore(database, "li", locks).load())?.offers).toEqual(offers);
    database.close();
  });
  it("comes back from its phrase, with keys of old coins, of old stocks and fresh ones", async () => {
    const phrase = await newPhrase();
    const keys = new WalletKeys(seedOf(phrase), GENESIS.domain);
    homeWith(() => [coin(keys.lockId({ index: 600 }), 70), coin(keys.lockId({ salt: DIGEST }), 7, toHex(DIGEST))]);

    const wallet = await (await browser()()).recover(phrase, SETTING);

    expect([wallet.balanceFen, wallet.keysLeft.fresh]).toEqual([77, FRESH_LOCKS]);
    await wallet.sync();
    expect(wallet.keysLeft).toMatchObject({ elsewhereFen: 0, isLow: false });
  });
  it("says what lies under keys of another device, and has it when its phrase is typed once more", async () => {
    const phrase = await newPhrase();
    const keys = new WalletKeys(seedOf(phrase), GENESIS.domain);
    homeWith(() => [coin(keys.lockId({ index: 2_000 }), 70)]);
    const device = await browser()();
    const wallet = await device.create(phrase, SETTING);
    await wallet.start();
    await wallet.sync();
    const before = [wallet.balanceFen, wallet.keysLeft.elsewhereFen, wallet.keysLeft.isLow];

    await expect(device.moreKeys(wallet.walletId, await newPhrase(), SETTING)).rejects.toMatchObject({ code: "PHRASE_OTHER" });
    await device.moreKeys(wallet.walletId, phrase, SETTING);
    await wallet.sync();

    expect(before).toEqual([0, 70, true]);
    expect([wallet.balanceFen, wallet.keysLeft]).toMatchObject([70, { fresh: FRESH_LOCKS, elsewhereFen: 0, isLow: false }]);
  });
});

// --- paying without a home that settles -----------------------------------------------------------------------------------

/** A wallet with a coin of 100 fen, and a home that prepares a payment of 30 to somebody and answers no more. */
async function aboutToPay(
  changed: object = {},
): Promise<{ tab: ReturnType<typeof browser>; wallet: Wallet; pay: () => Promise<unknown>; asked: string[] }> {
  const [tab, phrase] = [browser(), await newPhrase()];
  const keys = new WalletKeys(seedOf(phrase), GENESIS.domain);
  const payee = new WalletKeys(seedOf(await newPhrase()), GENESIS.domain);
  const proof = { lock_id: toHex(payee.lockId({ salt: DIGEST })), key: Buffer.from(payee.mainKey.encode()).toString("base64") };
  const preparation = {
    payment_id: "1",
    amount_fen: 30,
    payee_home: 1,
    payee_wallet_id: toHex(payee.walletId),
    proof: { ...proof, index: 0, count: 0, path: [], signature: "", salt: toHex(DIGEST) },
    acceptance: null,
    reference: "0".repeat(64),
    expiry_ms: 31_000,
    time_ms: 1_000,
    ...changed,
  };
  const asked = homeWith(() => [coin(keys.lockId({ index: 3 }), 100)], { "/v1/payments/prepare": preparation });
  const wallet = await (await tab()).create(phrase, { ...SETTING, patience: IMPATIENT });
  await wallet.open({ holderName: "Li", walletClass: "IV" });
  await wallet.sync();
  const address = new Wallet(payee, SETTING, { load: async () => null, save: async () => undefined }).address;
  return { tab, wallet, pay: () => wallet.payPerson(address, 30, "once"), asked };
}

const IMPATIENT = { timeoutMs: 1_000, attemptsMax: 1, pauseMsFirst: 1, pauseMsMax: 1 };

describe("a payment from a device", () => {
  it("is not signed where it would expire at a time that is far ahead", async () => {
    const { wallet, pay, asked } = await aboutToPay({ time_ms: 4_000_000_000_000, expiry_ms: 4_000_000_030_000 });

    await expect(pay()).rejects.toMatchObject({ code: "PEER" });
    expect([wallet.payments, asked.includes("/v1/payments")]).toEqual([[], false]);
  });
  it("is not sent where it cannot be kept", async () => {
    const { wallet, pay, asked } = await aboutToPay();
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
      if (this.name === "payments") throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, given);
    };

    const failed = await pay().catch((error: unknown) => error);
    IDBObjectStore.prototype.put = put;

    expect(failed).toMatchObject({ code: "STORE_FAILED" });
    expect([asked.includes("/v1/payments"), wallet.payments, wallet.balanceFen]).toEqual([false, [], 100]);
  });
  it("whose answer is lost is told of as in doubt, and is asked for by the next page by itself", async () => {
    const { tab, wallet, pay, asked } = await aboutToPay();
    const stages: string[] = [];
    wallet.subscribe((news) => news.what === "payment" && stages.push(news.stage));

    await expect(pay()).rejects.toBeInstanceOf(TongbaoError);
    const next = await (await tab()).wallet(wallet.walletId, { ...SETTING, patience: IMPATIENT });
    const before = asked.filter((path) => path === "/v1/payments").length;
    await next?.start();
    await expect.poll(() => asked.filter((path) => path === "/v1/payments").length).toBe(before + 1);

    const [payment] = next?.payments ?? [];
    expect(stages).toEqual(["signed", "inDoubt"]);
    expect([next?.payments.length, payment && next?.stageOf(payment).stage]).toEqual([1, "inDoubt"]);
  });
  it("takes the last lock again where no fresh one is left, and hands out none", async () => {
    const phrase = await newPhrase();
    const keys = new WalletKeys(seedOf(phrase), GENESIS.domain);
    const { keyring } = await brought(keys, [0, 1, 2]);
    const asked = homeWith(() => []);
    const state = { home: 1, nextLockIndex: 3, coins: [], payments: [] };
    const wallet = new Wallet(keyring, SETTING, { load: async () => state, save: async () => undefined });
    await wallet.start();

    await wallet.refill();
    const change = await new LockBook(keyring, 1).forChange(3);

    expect([change.index, toHex(change.lockId)]).toEqual([2, toHex(keys.lockId({ index: 2 }))]);
    expect(wallet.keysLeft).toMatchObject({ fresh: 0, elsewhereFen: 0, isLow: true });
    expect(asked).toEqual([`/v1/wallets/${wallet.walletId}`]);
  });
  it("waits for what another tab does, and begins from what that has kept", async () => {
    const { tab, wallet } = await aboutToPay();
    const other = await (await tab()).wallet(wallet.walletId, SETTING);
    await other?.start();

    await Promise.all([wallet.refill(), other?.refill(), wallet.refill(), other?.sync()]);

    expect([wallet.keysLeft.fresh, other?.keysLeft.fresh].sort()).toEqual([FRESH_LOCKS - 64 * 4, FRESH_LOCKS - 64 * 4]);
    other?.stop();
  });
});
