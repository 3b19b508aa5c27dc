/** Wallets of this client beside a currency that runs; `TONGBAO_LIVE` names the file that says where. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  MemoryStore,
  PATIENCE,
  ProblemError,
  Receipt,
  SignedClient,
  SigningKey,
  Wallet,
  WalletKeys,
  fromBase64,
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
  readonly institutions: readonly Place[];
}

const LIVE = JSON.parse(readFileSync(process.env["TONGBAO_LIVE"] ?? "", "utf-8")) as Live;
const GENESIS = readGenesis(fromHex(LIVE.genesis));

function place(home: number): Place {
  const found = LIVE.institutions.find((each) => each.home === home);
  if (found === undefined) throw new Error(`no home ${home}`);
  return found;
}

function walletOf(phrase: string, home: number, store = new MemoryStore()): Wallet {
  const { url } = place(home);
  const setting = { genesis: GENESIS, home, homeUrl: url, centreUrl: LIVE.centre_url, patience: PATIENCE };
  return new Wallet(new WalletKeys(seedOf(phrase), GENESIS.domain), setting, store);
}

async function funded(name: string, home: number, amountFen: number): Promise<{ wallet: Wallet; phrase: string }> {
  const phrase = newPhrase();
  const wallet = walletOf(phrase, home);
  await wallet.open({ holderName: name, walletClass: "I" });
  const key = new SigningKey(fromHex(place(home).teller));
  const teller = new SignedClient(place(home).url, { keyId: "teller", sign: (message) => key.sign(message) });
  await teller.post("/v1/deposits", { wallet_id: wallet.walletId, amount_fen: amountFen }, `cash-${wallet.walletId}`);
  await wallet.exchange(amountFen);
  return { wallet, phrase };
}

async function shopOf(name: string, home: number): Promise<Wallet> {
  const shop = walletOf(newPhrase(), home);
  await shop.open({ holderName: name, walletClass: "I", kind: "corporate" });
  await shop.registerMerchant(name);
  return shop;
}

describe.each([1, 2])("a shop at home %i and a person at home 1", (home) => {
  let alice: Wallet;
  let phrase: string;
  let shop: Wallet;

  beforeAll(async () => {
    ({ wallet: alice, phrase } = await funded("Alice", 1, 10_000));
    shop = await shopOf("Tea House", home);
  });

  it("an order is paid once, however often it is asked for", async () => {
    const order = await shop.createOrder(1_250, "tea-1", "Longjing");

    const [first, second] = await Promise.all([alice.payOrder(order), alice.payOrder(order)]);

    expect(second.transactionId).toBe(first.transactionId);
    expect(alice.balanceFen).toBe(8_750);
    expect((await alice.order(order.order_id, order.home)).state).toBe("paid");
    expect(() => Receipt.decode(fromBase64(first.receipt ?? "")).verify(GENESIS.domain, GENESIS.receiptKeys)).not.toThrow();
  });

  it("a part comes back", async () => {
    const order = await shop.createOrder(500, "tea-2");
    await alice.payOrder(order);
    await shop.sync();

    await shop.refund(order.order_id, 200);

    await expect.poll(() => alice.sync()).toBe(8_450);
    expect((await shop.order(order.order_id)).refunded_fen).toBe(200);
  });

  it("from the phrase alone the wallet is made again, and pays", async () => {
    const elsewhere = walletOf(phrase, 1);

    const found = await elsewhere.recover();
    await elsewhere.payPerson(shop.address, 450, "thanks");

    expect(found).toBe(8_450);
    expect(await alice.sync()).toBe(8_000);
  });
});

describe("an answer that is lost", () => {
  it("leaves a payment that a restart brings to its end, by the same bytes", async () => {
    const { wallet: bob } = await funded("Bob", 2, 1_000);
    const store = new MemoryStore();
    const phrase = newPhrase();
    const losing = losingPayments();
    const setting = { genesis: GENESIS, home: 1, homeUrl: place(1).url, centreUrl: LIVE.centre_url };
    const patience = { ...PATIENCE, attemptsMax: 1 };
    const keys = new WalletKeys(seedOf(phrase), GENESIS.domain);
    const carol = new Wallet(keys, { ...setting, patience }, store);
    await carol.open({ holderName: "Carol", walletClass: "I" });
    const key = new SigningKey(fromHex(place(1).teller));
    const teller = new SignedClient(place(1).url, { keyId: "teller", sign: (message) => key.sign(message) });
    await teller.post("/v1/deposits", { wallet_id: carol.walletId, amount_fen: 900 }, `cash-${carol.walletId}`);
    await carol.exchange(900);

    const failed = await losing(() => carol.payPerson(bob.address, 300, "once")).catch((error: unknown) => error);
    const again = new Wallet(keys, setting, store);
    await again.start();
    const settled = await again.resume();

    expect(failed).toBeInstanceOf(Error);
    expect(settled.map((payment) => payment.amountFen)).toEqual([300]);
    expect((await again.payPerson(bob.address, 300, "once")).transactionId).toBe(settled[0]?.transactionId);
    expect(again.balanceFen).toBe(600);
    await expect.poll(() => bob.sync()).toBe(1_300);
  });
});

describe("what cannot be", () => {
  it("is refused with a code before anything is signed", async () => {
    const { wallet } = await funded("Dora", 1, 100);
    const shop = await shopOf("Noodles", 1);

    await expect(wallet.payPerson(shop.address, 101)).rejects.toMatchObject({ code: "COINS_INSUFFICIENT" });
    await expect(wallet.order("0123")).rejects.toBeInstanceOf(ProblemError);
    await expect(wallet.payOrder({ ...(await shop.createOrder(50, "n-1")), amount_fen: 40 })).rejects.toThrow(Error);
    expect([wallet.balanceFen, wallet.payments.length]).toEqual([100, 0]);
  });
});

/** Runs something while the answers to payments get lost on their way back. */
function losingPayments(): <T>(action: () => Promise<T>) => Promise<T> {
  return async (action) => {
    const real = globalThis.fetch;
    globalThis.fetch = async (...asked) => {
      const answer = await real(...asked);
      if (String(asked[0]).endsWith("/v1/payments")) throw new TypeError("the answer was lost");
      return answer;
    };
    try {
      return await action();
    } finally {
      globalThis.fetch = real;
    }
  };
}
