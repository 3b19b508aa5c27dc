/** From the same phrase come the same keys, locks, stocks and signed requests as in every other implementation. */

import { describe, expect, it } from "vitest";
import { ascii, fromHex, toHex } from "../src/bytes.js";
import { Domain } from "../src/domain.js";
import { WalletKeys } from "../src/keys.js";
import { newPhrase, readPhrase, seedBeside, seedOf, wordsOf } from "../src/phrase.js";
import { signRequest } from "../src/signature.js";
import { signStock } from "../src/stock.js";
import { SigningKey, verifyEd25519 } from "../src/suites.js";
import { load } from "./vectors.js";

interface WalletCase {
  readonly name: string;
  readonly phrase: string;
  readonly network: string;
  readonly seed: string;
  readonly main_key: string;
  readonly wallet_id: string;
  readonly locks: readonly { index: number; lock_id: string; lock: string; signature_of_0_to_31: string }[];
  readonly salted_lock_id: string;
  readonly stock: { lock_ids: string[]; signature: string };
}

interface RequestCase {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly body: string;
  readonly idempotency_key: string;
  readonly key_id: string;
  readonly headers: Record<string, string>;
}

interface SignatureCase {
  readonly name: string;
  readonly public_key: string;
  readonly signature: string;
  readonly message: string;
  readonly valid: boolean;
}

const KEYS = load<{ networks: Record<string, { hash: number; network_id: string }>; wallets: WalletCase[] }>(
  "wallet/keys.json",
);
const REQUESTS = load<{ secret_seed: string; created_s: number; requests: RequestCase[] }>("wallet/requests.json");

function keysOf(wallet: WalletCase): WalletKeys {
  const network = KEYS.networks[wallet.network] ?? { hash: 0, network_id: "" };
  const domain = new Domain(fromHex(network.network_id), network.hash);
  return new WalletKeys(seedOf(wallet.phrase), domain);
}

describe.each(KEYS.wallets)("the wallet of $name on $network", (wallet) => {
  const keys = keysOf(wallet);

  it("has the seed, the main key and the id", async () => {
    expect(toHex(seedOf(await readPhrase(wallet.phrase)))).toBe(wallet.seed);
    expect(toHex(await seedBeside(wallet.phrase))).toBe(wallet.seed);
    expect(toHex(keys.main.publicKey)).toBe(wallet.main_key);
    expect(toHex(keys.walletId)).toBe(wallet.wallet_id);
  });
  it.each(wallet.locks)("has lock $index and opens it", ({ index, lock_id, lock, signature_of_0_to_31 }) => {
    const digest = Uint8Array.from({ length: 32 }, (_, place) => place);

    expect(toHex(keys.lockId({ index }))).toBe(lock_id);
    expect(toHex(keys.lock({ index }).encode())).toBe(lock);
    expect(toHex(keys.witness({ index }, digest).signature)).toBe(signature_of_0_to_31);
  });
  it("has the lock over its main key, and signs its stock", async () => {
    const lockIds = wallet.stock.lock_ids.map((lockId) => fromHex(lockId));

    expect(toHex(keys.lockId({ salt: new Uint8Array(32) }))).toBe(wallet.salted_lock_id);
    expect(toHex(await signStock(lockIds, keys))).toBe(wallet.stock.signature);
  });
});

describe("a request", () => {
  it.each(REQUESTS.requests)("$method $url is signed in the one way", async (each) => {
    const key = new SigningKey(fromHex(REQUESTS.secret_seed));
    const signer = { keyId: each.key_id, sign: (message: Uint8Array) => key.sign(message) };
    const request = { method: each.method, url: each.url, body: ascii(each.body), idempotencyKey: each.idempotency_key };

    expect(await signRequest(request, signer, REQUESTS.created_s)).toEqual(each.headers);
  });
});

describe("a phrase", async () => {
  const knownWords = { english: new Set(await wordsOf("english")), chinese: new Set(await wordsOf("chinese")) };

  it.each([
    [12, "english"],
    [24, "chinese"],
  ] as const)("of %i new words in %s is read back as it was made", async (words, language) => {
    const phrase = await newPhrase(words, language);

    expect(await readPhrase(` ${phrase.toUpperCase()} `)).toBe(phrase);
    expect(phrase.split(" ").every((word) => knownWords[language].has(word))).toBe(true);
  });
  it("in hanzi needs no spaces", async () => {
    const phrase = await newPhrase(12, "chinese");

    expect(await readPhrase(phrase.replaceAll(" ", ""))).toBe(phrase);
  });
  it.each(["", "abandon", "abandon ".repeat(12), "zzz ".repeat(12)])("is refused where it is none: %s", async (typed) => {
    await expect(readPhrase(typed)).rejects.toThrow(/no recovery phrase/);
  });
});

describe("Ed25519", () => {
  const files = ["rfc8032", "ordinary", "encodings", "scalars", "mixed_order", "small_order"];
  const cases = files.flatMap((file) => load<{ vectors: SignatureCase[] }>(`ed25519/${file}.json`).vectors);

  it.each(cases)("$name is judged by ZIP 215", ({ public_key, signature, message, valid }) => {
    expect(verifyEd25519(fromHex(public_key), fromHex(signature), fromHex(message))).toBe(valid);
  });
});
