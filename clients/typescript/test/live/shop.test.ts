/** A shop, its tills and its report beside a currency that runs; `TONGBAO_LIVE` names the file that says where. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  MemoryStore,
  Shop,
  SignedClient,
  SigningKey,
  Till,
  Wallet,
  WalletKeys,
  fromHex,
  newPhrase,
  readGenesis,
  seedOf,
} from "../../src/index.js";

interface Live {
  readonly genesis: string;
  readonly centre_url: string;
  readonly institutions: readonly { readonly home: number; readonly url: string; readonly teller: string }[];
}

const LIVE = JSON.parse(readFileSync(process.env["TONGBAO_LIVE"] ?? "", "utf-8")) as Live;
const GENESIS = readGenesis(fromHex(LIVE.genesis));
const HOME = LIVE.institutions[0] ?? { home: 1, url: "", teller: "" };

async function holder(): Promise<Wallet> {
  const keys = new WalletKeys(seedOf(await newPhrase()), GENESIS.domain);
  const setting = { genesis: GENESIS, home: HOME.home, homeUrl: HOME.url, centreUrl: LIVE.centre_url };
  return new Wallet(keys, setting, new MemoryStore());
}

async function openShop(name: string): Promise<{ shop: Shop; wallet: Wallet }> {
  const wallet = await holder();
  await wallet.open({ holderName: name, walletClass: "I", kind: "corporate" });
  const shop = new Shop(new SignedClient(HOME.url, wallet.signer), wallet.walletId, GENESIS.domain);
  await shop.register(name, "5812");
  return { shop, wallet };
}

function tillOf(shop: Shop, seed: number): { key: SigningKey; till: Till } {
  const key = new SigningKey(new Uint8Array(32).fill(seed));
  const place = { homeUrl: HOME.url, merchantWalletId: shop.walletId, domain: GENESIS.domain };
  return { key, till: new Till(key, place) };
}

async function payer(amountFen: number): Promise<Wallet> {
  const wallet = await holder();
  await wallet.open({ holderName: "Lin", walletClass: "I" });
  const key = new SigningKey(fromHex(HOME.teller));
  const teller = new SignedClient(HOME.url, { keyId: "teller", sign: (message) => key.sign(message) });
  await teller.post("/v1/deposits", { wallet_id: wallet.walletId, amount_fen: amountFen }, `cash-${wallet.walletId}`);
  await wallet.exchange(amountFen);
  return wallet;
}

describe("a shop with a till", () => {
  let shop: Shop;
  let lin: Wallet;

  beforeAll(async () => {
    ({ shop } = await openShop("Tea House"));
    lin = await payer(5_000);
  });

  it("knows the till by the key that it admitted, and nobody else", async () => {
    const { key, till } = tillOf(shop, 1);
    const { till: stranger } = tillOf(shop, 2);

    const admitted = await shop.admit("Counter", key.publicKey);

    expect([admitted.till_id, (await till.record()).name]).toEqual([till.tillId, "Counter"]);
    await expect(stranger.record()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(shop.admit("Bar", key.publicKey)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("is paid at the till, which sees its own orders, and reports the day till by till", async () => {
    const { key, till } = tillOf(shop, 3);
    await shop.admit("Window", key.publicKey);
    const own = await shop.ask({ amountFen: 900, orderNumber: "own-1" });
    const asked = await till.ask({ amountFen: 1_250, orderNumber: "w-1", description: "Longjing", tipFenMax: 200 });

    await lin.payOrder(asked);

    await expect.poll(async () => (await till.order(asked.order_id)).state).toBe("paid");
    expect((await till.orders()).orders.map((each) => each.order_id)).toEqual([asked.order_id]);
    expect((await shop.orders({ state: "open" })).orders.map((each) => each.order_id)).toContain(own.order_id);
    const report = await shop.report();
    expect([report.total.net_fen, report.reconciled, report.lines.length]).toEqual([1_250, true, 1]);
    expect(report.tills.find((each) => each.till_id === till.tillId)?.net_fen).toBe(1_250);
  });

  it("lets no closed till ask for money", async () => {
    const { key, till } = tillOf(shop, 4);
    await shop.admit("Terrace", key.publicKey);

    const closed = await shop.closeTill(till.tillId);

    expect(closed.closed_at_ms).not.toBeNull();
    await expect(till.ask({ amountFen: 1, orderNumber: "t-1" })).rejects.toMatchObject({ code: "TILL_CLOSED" });
    expect((await shop.tills()).map((each) => each.name)).toContain("Terrace");
  });

  it("asks by a checkout, which says where the payer belongs once it is cancelled", async () => {
    const wish = { amountFen: 700, orderNumber: "mall-1", description: "Cup" };

    const made = await shop.checkout(wish, "https://tea.example/done", "https://tea.example/basket");
    await shop.cancel(made.order.order_id);

    const page = await new SignedClient(HOME.url, null).get<{ return_url: string | null }>(
      `/v1/checkouts/${made.order.order_id}`,
    );
    expect([made.return_url, page.return_url]).toEqual([null, "https://tea.example/basket"]);
  });
});
