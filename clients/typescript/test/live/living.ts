/** Wallets beside a currency that runs; `TONGBAO_LIVE` names the file that says where. */

import { readFileSync } from "node:fs";
import {
  Address,
  MemoryStore,
  PATIENCE,
  Shop,
  type ShopOrder,
  SignedClient,
  SigningKey,
  Wallet,
  WalletKeys,
  fromHex,
  newPhrase,
  readGenesis,
  seedOf,
} from "../../src/index.js";

interface Place {
  readonly home: number;
  readonly url: string;
  /** The seed of its tellers' key, in hexadecimal. */
  readonly teller: string;
}

interface Live {
  readonly genesis: string;
  readonly centre_url: string;
  /** The seed of the central bank's key, which lets ledger time go on. */
  readonly central_bank: string;
  readonly institutions: readonly Place[];
}

export const LIVE = JSON.parse(readFileSync(process.env["TONGBAO_LIVE"] ?? "", "utf-8")) as Live;
export const GENESIS = readGenesis(fromHex(LIVE.genesis));

export function place(home: number): Place {
  const found = LIVE.institutions.find((each) => each.home === home);
  if (found === undefined) throw new Error(`no home ${home}`);
  return found;
}

export function walletOf(phrase: string, home: number, store = new MemoryStore()): Wallet {
  const { url } = place(home);
  const setting = { genesis: GENESIS, home, homeUrl: url, centreUrl: LIVE.centre_url, patience: PATIENCE };
  return new Wallet(new WalletKeys(seedOf(phrase), GENESIS.domain), setting, store);
}

export async function funded(name: string, home: number, amountFen: number): Promise<{ wallet: Wallet; phrase: string }> {
  const phrase = await newPhrase();
  const wallet = walletOf(phrase, home);
  await wallet.open({ holderName: name, walletClass: "I" });
  const key = new SigningKey(fromHex(place(home).teller));
  const teller = new SignedClient(place(home).url, { keyId: "teller", sign: (message) => key.sign(message) });
  await teller.post("/v1/deposits", { wallet_id: wallet.walletId, amount_fen: amountFen }, `cash-${wallet.walletId}`);
  await wallet.exchange(amountFen);
  return { wallet, phrase };
}

/** Ledger time goes on only when the central bank says so. */
export async function heartbeat(timeMs: number): Promise<void> {
  const key = new SigningKey(fromHex(LIVE.central_bank));
  const centre = new SignedClient(LIVE.centre_url, { keyId: "home:0", sign: (message) => key.sign(message) });
  await centre.post("/v1/heartbeats", { time_ms: timeMs }, `beat-${timeMs}`);
}

/** Cash over the counter, turned into coins. */
export async function deposited(wallet: Wallet, amountFen: number): Promise<void> {
  const key = new SigningKey(fromHex(place(1).teller));
  const teller = new SignedClient(place(1).url, { keyId: "teller", sign: (message) => key.sign(message) });
  await teller.post("/v1/deposits", { wallet_id: wallet.walletId, amount_fen: amountFen }, crypto.randomUUID());
  await wallet.exchange(amountFen);
}

export async function shopOf(name: string, home: number): Promise<Wallet> {
  const shop = walletOf(await newPhrase(), home);
  await shop.open({ holderName: name, walletClass: "I", kind: "corporate" });
  await deskOf(shop, home).register(name, "5999");
  return shop;
}

function deskOf(shop: Wallet, home: number): Shop {
  return new Shop(new SignedClient(place(home).url, shop.signer), shop.walletId, GENESIS.domain);
}

/** An order of a shop of `shopOf`. */
export function orderOf(shop: Wallet, amountFen: number, orderNumber: string): Promise<ShopOrder> {
  return deskOf(shop, Address.parse(shop.address).home).ask({ amountFen, orderNumber });
}

/** Runs something while the first answers to payments, or of another kind, get lost on their way back. */
export async function losingAnswers<T>(count: number, action: () => Promise<T>, kind = "/v1/payments"): Promise<T> {
  const real = globalThis.fetch;
  let left = count;
  globalThis.fetch = async (...asked) => {
    const answer = await real(...asked);
    if (String(asked[0]).endsWith(kind) && left-- > 0) throw new TypeError("the answer was lost");
    return answer;
  };
  try {
    return await action();
  } finally {
    globalThis.fetch = real;
  }
}
