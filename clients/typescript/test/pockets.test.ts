/** Pockets: what is sealed opens as in every other implementation, and nothing is signed that pays anybody else. */

import { describe, expect, it } from "vitest";
import type { Pocket } from "../src/index.js";
import { MemoryStore, PocketWords, ProblemError, Wallet, WalletKeys, seedOf } from "../src/index.js";
import { concat, fromHex, toBase64, toHex } from "../src/bytes.js";
import { Domain } from "../src/domain.js";
import { Address } from "../src/address.js";
import type { Genesis } from "../src/genesis.js";
import { KeyLock, Path, type TimedLock, readLock } from "../src/lock.js";
import { Reader } from "../src/encoding.js";
import { openSealed, seal } from "../src/sealing.js";
import { PublicKey } from "../src/suites.js";
import { homeThat } from "./playedHome.js";
import { load } from "./vectors.js";

interface Sealed {
  readonly name: string;
  readonly secret_seed: string;
  readonly main_key: string;
  readonly text: string;
  readonly context: string;
  readonly entropy: string;
  readonly sealed: string;
}

interface Told {
  readonly path: number;
  readonly number: number | null;
  readonly purpose: string;
  readonly opens_at_ms: string;
  readonly words: string;
  readonly entropy: string;
  readonly sealed: string;
}

interface PocketCase {
  readonly network: string;
  readonly maker_phrase: string;
  readonly other_phrase: string;
  readonly savings: boolean;
  readonly key: string;
  readonly salt: string;
  readonly lock: string;
  readonly pocket_id: string;
  readonly maker: Told;
  readonly other: Told;
}

const VECTORS = load<{
  networks: Record<string, { hash: number; network_id: string }>;
  seals: Sealed[];
  broken_seals: { reason: string; secret_seed: string; context: string; sealed: string }[];
  keys_without_seal: string[];
  pockets: PocketCase[];
}>("wallet/pockets.json");

const CASES = VECTORS.pockets.flatMap((pocket) =>
  (["maker", "other"] as const).map((party) => ({ pocket, party, told: pocket[party], ...pocket })),
);

function keysOf(pocket: PocketCase, party: "maker" | "other"): WalletKeys {
  const network = VECTORS.networks[pocket.network] ?? { hash: 0, network_id: "" };
  const phrase = party === "maker" ? pocket.maker_phrase : pocket.other_phrase;
  return new WalletKeys(seedOf(phrase), new Domain(fromHex(network.network_id), network.hash));
}

function lockOf(pocket: PocketCase): TimedLock {
  return readLock(new Reader(fromHex(pocket.lock), "lock")) as TimedLock;
}

// --- sealing -----------------------------------------------------------------------------------------------------------

describe("a seal", () => {
  it.each(VECTORS.seals)("has the bytes of the vector, and opens: $name", async (each) => {
    const [text, context, sealed] = [fromHex(each.text), fromHex(each.context), fromHex(each.sealed)];

    expect(toHex(await seal(text, fromHex(each.main_key), context, fromHex(each.entropy)))).toBe(each.sealed);
    expect(await openSealed(sealed, fromHex(each.secret_seed), context)).toEqual(text);
  });
  it.each(VECTORS.broken_seals)("does not open: $reason", async ({ sealed, secret_seed, context }) => {
    const opened = openSealed(fromHex(sealed), fromHex(secret_seed), fromHex(context));

    await expect(opened).rejects.toMatchObject({ code: "PEER" });
  });
  it.each(VECTORS.keys_without_seal)("is not made for a key that shares with nobody: %s", async (key) => {
    const made = seal(new Uint8Array(1), fromHex(key), new Uint8Array(), new Uint8Array(32).fill(7));

    await expect(made).rejects.toMatchObject({ code: "BAD_REQUEST", field: "main_key" });
  });
});

// --- words -------------------------------------------------------------------------------------------------------------

describe("the words about a pocket", () => {
  it.each(VECTORS.pockets)("come from the maker's phrase: pocket $maker.number on $network", async (pocket) => {
    const own = await keysOf(pocket, "maker").pocketKey(pocket.maker.number ?? -1);

    expect([toHex(own.key.key), toHex(own.salt)]).toEqual([pocket.key, pocket.salt]);
  });
  it.each(CASES)("are those of the vector for the $party of $pocket_id", async ({ pocket, party, told }) => {
    const keys = keysOf(pocket, party);
    const words = new PocketWords(lockOf(pocket), told.path, told.number, told.purpose);

    const opened = await keys.openSealed(fromHex(told.sealed), fromHex(pocket.pocket_id));
    const made = await seal(words.encode(), keys.mainKey.key, fromHex(pocket.pocket_id), fromHex(told.entropy));

    expect([toHex(words.encode()), toHex(opened), toHex(made)]).toEqual([told.words, told.words, told.sealed]);
    expect(PocketWords.decode(opened)).toEqual(words);
    expect(String(words.lock.opensAtMs(words.path))).toBe(told.opens_at_ms);
    expect(toHex(words.lock.id(keys.domain))).toBe(pocket.pocket_id);
  });

  const [pocket] = VECTORS.pockets as [PocketCase];
  const lock = fromHex(pocket.lock);
  const head = fromHex("0100ffffffff");
  const oneKey = new KeyLock(PublicKey.ed25519(fromHex(pocket.key)), new Uint8Array(32)).encode();
  it.each([
    ["empty", new Uint8Array()],
    ["a later version", concat(fromHex("0200ffffffff"), lock)],
    ["no such path", concat(fromHex("0102ffffffff"), lock)],
    ["a lock of one key", concat(head, oneKey)],
    ["cut short", concat(head, lock.slice(0, -1))],
  ])("are refused where they are of another form: %s", (_, content) => {
    expect(() => PocketWords.decode(content)).toThrow(/words about/);
  });
  it("show the money also where the purpose is no text", () => {
    const words = PocketWords.decode(concat(head, lock, fromHex("fffe")));

    expect([words.path, words.number, words.lock]).toEqual([Path.A, null, lockOf(pocket)]);
  });
});

// --- the shelf, and taking ---------------------------------------------------------------------------------------------

const GIFT = VECTORS.pockets[0] as PocketCase;
const OTHER_KEYS = keysOf(GIFT, "other");
const URL_OF_HOME = "http://home.example";

function walletOf(keys: WalletKeys, home = 1): Wallet {
  const limits = { inputsMax: 16, expiryAheadMaxMs: 60_000n };
  const genesis = { domain: keys.domain, receiptKeys: [], testNetwork: true, ...limits } as unknown as Genesis;
  const patience = { timeoutMs: 1_000, attemptsMax: 1, pauseMsFirst: 1, pauseMsMax: 1 };
  const setting = { genesis, home, homeUrl: URL_OF_HOME, centreUrl: URL_OF_HOME, patience };
  return new Wallet(keys, setting, new MemoryStore());
}

/** The gift as its home tells of it to one of the two. */
function told(party: "maker" | "other", changed: Partial<Pocket> = {}): Pocket {
  return {
    pocket_id: GIFT.pocket_id,
    home: 1,
    maker_address: new Address(1, keysOf(GIFT, "maker").walletId, true).toString(),
    other_address: new Address(2, OTHER_KEYS.walletId, true).toString(),
    amount_fen: 500,
    state: "filled",
    taken_by: null,
    sealed: toBase64(fromHex(GIFT[party].sealed)),
    coin: {
      coin_id: "1".repeat(64),
      origin: "2".repeat(64),
      index: 0,
      asset: 0,
      value: 500,
      home: 1,
      lock_id: GIFT.pocket_id,
      sequence: 1,
      spent: false,
    },
    transaction_id: "2".repeat(64),
    since_ms: 1_000,
    taken_ms: null,
    sequence: 1,
    time_ms: 2_000,
    ...changed,
  };
}

/** A home that lists these as made, and these as received. */
function shelfOf(made: Pocket[], received: Pocket[], found: (path: string) => object): string[] {
  return homeThat((path, query) => {
    if (path !== "/v1/pockets") return found(path);
    return { pockets: query.get("made_by") === "maker" ? made : received, next: "" };
  });
}

describe("from the phrase alone", () => {
  it("a maker sees what lies aside, for how long and why", async () => {
    shelfOf([told("maker"), told("maker", { state: "taken", taken_by: "other" })], [], () => ({}));
    const wallet = walletOf(keysOf(GIFT, "maker"));

    const [found, ...others] = await wallet.pockets.all();

    expect(others).toEqual([]);
    expect([found?.party, found?.opensAtMs, found?.isMine]).toEqual(["maker", 1_800_000_000_000, false]);
    expect([await wallet.pockets.asideFen(), wallet.balanceFen]).toEqual([500, 0]);
    expect((await wallet.pockets.past()).map((each) => each.told.state)).toEqual(["filled", "taken"]);
  });
  it("the other one sees it as it stands where it lies", async () => {
    const listed = told("other");
    shelfOf([], [listed, told("other", { pocket_id: "f".repeat(64) })], (path) =>
      path.endsWith(GIFT.pocket_id) ? told("other") : told("other", { pocket_id: "f".repeat(64), state: "taken" }),
    );

    const found = await walletOf(OTHER_KEYS).pockets.all();

    expect(found.map((each) => [each.told.pocket_id, each.party, each.opensAtMs, each.isMine])).toEqual([
      [GIFT.pocket_id, "other", 0, true],
    ]);
  });
  it("a pocket whose home does not answer is told of as it was last heard of", async () => {
    shelfOf([], [told("other")], () => {
      throw new ProblemError("home 1 does not answer", "HOME_UNREACHABLE", 503);
    });

    const found = await walletOf(OTHER_KEYS).pockets.all();

    expect(found.map((each) => each.told.state)).toEqual(["filled"]);
  });
  it("words that are about another lock are not believed", async () => {
    const pocket_id = "f".repeat(64);
    const sealed = await seal(fromHex(GIFT.other.words), OTHER_KEYS.mainKey.key, fromHex(pocket_id), new Uint8Array(32).fill(9));
    homeThat(() => told("other", { pocket_id, sealed: toBase64(sealed) }));

    const found = await walletOf(OTHER_KEYS).pockets.find(1, pocket_id);

    expect([found.words, found.opensAtMs, found.isMine]).toEqual([null, null, false]);
  });
  it("another pocket than was asked for is nobody's", async () => {
    homeThat(() => told("other"));

    await expect(walletOf(OTHER_KEYS).pockets.find(2, GIFT.pocket_id)).rejects.toMatchObject({ code: "PEER" });
  });
});

describe("what cannot be taken", () => {
  const terms = {
    amount_fen: 500,
    proof: { lock_id: "3".repeat(64), key: "", index: 0, count: 1, path: [], signature: "", salt: "0".repeat(64) },
    acceptance: null,
    reference: "0".repeat(64),
    expiry_ms: 9_000,
    sequence: 1,
    time_ms: 2_000,
  };
  const own = { lock_id: toHex(OTHER_KEYS.lockId({ salt: new Uint8Array(32) })), key: toBase64(OTHER_KEYS.mainKey.encode()) };

  it.each([
    ["before its time", "maker", {}, 1, "POCKET_NOT_YET_OPEN"],
    ["with words that nobody can read", "other", { sealed: "AAAA" }, 1, "POCKET_UNREADABLE"],
    ["at a home that the lock does not name", "other", {}, 3, "POCKET_RESTRICTED"],
    ["after the other one", "maker", { state: "taken", taken_by: "other" }, 1, "POCKET_TAKEN"],
  ] as const)("is refused with a code before anything is signed: %s", async (_, party, changed, home, code) => {
    const asked = homeThat(() => told(party, changed));
    const wallet = walletOf(keysOf(GIFT, party), home);

    await expect(wallet.pockets.take(1, GIFT.pocket_id)).rejects.toMatchObject({ code, field: "pocket_id" });
    expect(asked.every((path) => path.endsWith(GIFT.pocket_id))).toBe(true);
  });
  it.each([
    ["another's lock", { proof: { ...terms.proof, key: toBase64(keysOf(GIFT, "maker").mainKey.encode()) } }, {}, "PEER"],
    ["another amount", { amount_fen: 400, proof: { ...terms.proof, ...own } }, {}, "PEER"],
    ["a time that is far ahead", { expiry_ms: 4_000_000_000_000, proof: { ...terms.proof, ...own } }, {}, "PEER"],
    ["an empty pocket", { proof: { ...terms.proof, ...own } }, { state: "empty", coin: null }, "POCKET_EMPTY"],
  ] as const)("is not signed on terms for %s", async (_, changed, pocket, code) => {
    const asked = homeThat((path) => (path.endsWith("/terms") ? { ...terms, ...changed } : told("other", pocket)));

    await expect(walletOf(OTHER_KEYS).pockets.take(1, GIFT.pocket_id)).rejects.toMatchObject({ code });
    expect(asked.some((path) => path.endsWith("/takings"))).toBe(false);
  });
});

describe("what cannot be put aside", () => {
  const address = new Address(2, OTHER_KEYS.walletId, true).toString();
  const wallet = walletOf(keysOf(GIFT, "maker"));
  const wish = { address, amountFen: 5, laterFromMs: 9_000 };
  const maker = toHex(keysOf(GIFT, "maker").mainKey.key);

  it.each([
    ["for oneself", { address: wallet.address }, "INVALID_FIELD"],
    ["on another network", { address: new Address(2, OTHER_KEYS.walletId, false).toString() }, "INVALID_FIELD"],
    ["for homes without the own one", { homes: [2] }, "INVALID_FIELD"],
    ["with too many words", { purpose: "租".repeat(94) }, "INVALID_FIELD"],
    ["until a time that is over", { laterFromMs: 2_000 }, "INVALID_FIELD"],
  ])("is refused before anything is described: %s", async (_, changed, code) => {
    const asked = homeThat((path) =>
      path === "/v1/payees" ? { address, name: "*", main_key: toHex(OTHER_KEYS.mainKey.key) } : { time_ms: 2_000 },
    );

    await expect(wallet.pockets.give({ ...wish, ...changed })).rejects.toMatchObject({ code });
    expect(asked).not.toContain("/v1/pockets");
  });
  it("is sealed for nobody else than the address names", async () => {
    const asked = homeThat(() => ({ address, name: "*", main_key: maker }));

    await expect(wallet.pockets.save(wish)).rejects.toMatchObject({ code: "PEER" });
    expect(asked).toEqual(["/v1/payees"]);
  });
  it("is not paid to another lock than the pocket's", async () => {
    const keys = keysOf(GIFT, "maker");
    const saver = walletOf(keys);
    const lies = { ...told("maker").coin, lock_id: toHex(keys.lockId({ index: 0 })) };
    const proof = { lock_id: "3".repeat(64), key: "", index: 0, count: 1, path: [], signature: "", salt: null };
    const answers: Record<string, object> = {
      "/v1/payees": { address, name: "*", main_key: toHex(OTHER_KEYS.mainKey.key) },
      "/v1/payments/prepare": { amount_fen: 5, payee_home: 1, proof, expiry_ms: 9_000, time_ms: 2_000 },
      [`/v1/wallets/${saver.walletId}/coins`]: { coins: [{ coin: lies, salt: null }], next: "" },
    };
    const asked = homeThat((path) => answers[path] ?? { time_ms: 2_000 });
    await saver.recover();

    await expect(saver.pockets.save(wish)).rejects.toThrow(/to another lock; nothing was signed/);
    expect([asked.at(-1), saver.payments]).toEqual(["/v1/payments/prepare", []]);
  });
});
