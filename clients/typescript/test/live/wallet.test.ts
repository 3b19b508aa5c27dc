/** Wallets of this client beside a currency that runs. */

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
  type WalletState,
  fromBase64,
  fromHex,
  newPhrase,
  seedOf,
} from "../../src/index.js";
import { GENESIS, LIVE, funded, heartbeat, losingAnswers, orderOf, place, shopOf, walletOf } from "./living.js";

describe.each([1, 2])("a shop at home %i and a person at home 1", (home) => {
  let alice: Wallet;
  let phrase: string;
  let shop: Wallet;

  beforeAll(async () => {
    ({ wallet: alice, phrase } = await funded("Alice", 1, 10_000));
    shop = await shopOf("Tea House", home);
  });

  it("an order is paid once, however often it is asked for", async () => {
    const order = await orderOf(shop, 1_250, "tea-1");

    const [first, second] = await Promise.all([alice.payOrder(order), alice.payOrder(order)]);

    expect(second.transactionId).toBe(first.transactionId);
    expect(alice.balanceFen).toBe(8_750);
    expect((await alice.order(order.order_id, order.home)).state).toBe("paid");
    expect(() => Receipt.decode(fromBase64(first.receipt ?? "")).verify(GENESIS.domain, GENESIS.receiptKeys)).not.toThrow();
  });

  it("a part comes back", async () => {
    const order = await orderOf(shop, 500, "tea-2");
    await alice.payOrder(order);
    await expect.poll(async () => (await shop.order(order.order_id)).state).toBe("paid");
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

describe("a shop that asks before it gives back", () => {
  it("pays what its payer accepts, and what it says about the payee's name is true", async () => {
    const { wallet: gina } = await funded("Gina", 2, 1_000);
    const shop = await shopOf("Cakes", 1);
    await shop.refunds.setPolicy({ answer_within_s: 86_400, unanswered: "returns" });
    const order = await orderOf(shop, 300, "cake-1");
    await gina.payOrder(order);
    await expect.poll(() => shop.sync()).toBe(300);

    const offered = await shop.refunds.offer(order.order_id, 120, "r1", "it was stale");
    await expect.poll(async () => (await gina.refunds.received()).length).toBe(1);
    const [found] = await gina.refunds.received();
    const accepted = await gina.refunds.answer(found ?? offered, true);
    const paid = [await shop.refunds.payAccepted(), await shop.refunds.payAccepted()];

    expect([order.refund_policy?.answer_within_s, accepted.state]).toEqual([86_400, "accepted"]);
    expect(paid.map((each) => each.map((payment) => payment.amountFen))).toEqual([[120], []]);
    await expect.poll(() => gina.sync()).toBe(820);
    expect((await gina.payee(shop.address, "Cakes")).matches).toBe(true);
    await expect(gina.payPerson(shop.address, 1, "x", { payeeName: "Pies" })).rejects.toMatchObject({
      code: "NAME_DIFFERS",
    });
  });
});

describe("money that two wallets open", () => {
  let alice: Wallet;
  let phrase: string;
  let heir: Wallet;
  let heirPhrase: string;

  beforeAll(async () => {
    ({ wallet: alice, phrase } = await funded("Alice", 1, 10_000));
    ({ wallet: heir, phrase: heirPhrase } = await funded("Hui", 2, 1_000));
  });

  it("is a gift that waits at home, and is taken at another institution by whoever has the phrase", async () => {
    const wish = { address: heir.address, amountFen: 8_000, laterFromMs: await later(86_400_000), purpose: "学费" };
    const given = await alice.pockets.give(wish, "books");
    const again = await alice.pockets.give(wish, "books");
    const found = walletOf(phrase, 1);
    const balance = await found.recover();
    const early = await found.pockets.take(1, given.told.pocket_id).catch((error: unknown) => error);
    const taker = walletOf(heirPhrase, 2);
    await taker.recover();
    await expect.poll(async () => (await taker.pockets.all()).length).toBe(1);
    const [waiting] = await taker.pockets.all();

    const lost = await losingAnswers(1, () => taker.pockets.take(1, given.told.pocket_id), "/takings");
    const once = await taker.pockets.take(1, given.told.pocket_id);

    expect([again.told.pocket_id, again.told.amount_fen]).toEqual([given.told.pocket_id, 8_000]);
    expect(early).toMatchObject({ code: "POCKET_NOT_YET_OPEN" });
    expect([waiting?.words?.purpose, waiting?.isMine]).toEqual(["学费", true]);
    expect([lost.told.taken_by, once.told.taken_by]).toEqual(["other", "other"]);
    expect([balance, taker.balanceFen, await alice.sync()]).toEqual([2_000, 9_000, 2_000]);
    await expect(alice.pockets.take(1, given.told.pocket_id)).rejects.toMatchObject({ code: "POCKET_TAKEN" });
    expect([(await alice.pockets.all()).length, await alice.pockets.asideFen()]).toEqual([0, 0]);
  });

  it("is shown aside after recovery, is the saver's at any time, and the heir's from the time on", async () => {
    const laterFromMs = await later(90_000);
    const wish = { address: heir.address, laterFromMs, homes: [1, 2] };
    const mine = await alice.pockets.save({ ...wish, amountFen: 500 });
    const theirs = await alice.pockets.save({ ...wish, amountFen: 300 });
    const found = walletOf(phrase, 1);
    await found.recover();
    const aside = await found.pockets.asideFen();
    await expect.poll(async () => (await heir.pockets.all()).length).toBe(2);
    const early = await heir.pockets.take(1, theirs.told.pocket_id).catch((error: unknown) => error);

    const saved = await found.pockets.take(1, mine.told.pocket_id);
    await heartbeat(laterFromMs);
    const inherited = await heir.pockets.take(1, theirs.told.pocket_id);

    expect([aside, mine.isMine, early]).toMatchObject([800, true, { code: "POCKET_NOT_YET_OPEN" }]);
    expect([saved.told.taken_by, inherited.told.taken_by]).toEqual(["maker", "other"]);
    expect([found.balanceFen, heir.balanceFen]).toEqual([1_700, 9_300]);
  });

  /** So far ahead in ledger time. */
  async function later(milliseconds: number): Promise<number> {
    return (await alice.account()).time_ms + milliseconds;
  }

});

describe("an answer that is lost", () => {
  it("leaves a payment that a restart brings to its end, by the same bytes", async () => {
    const { wallet: bob } = await funded("Bob", 2, 1_000);
    const store = new MemoryStore();
    const phrase = await newPhrase();
    const setting = { genesis: GENESIS, home: 1, homeUrl: place(1).url, centreUrl: LIVE.centre_url };
    const patience = { ...PATIENCE, attemptsMax: 1 };
    const keys = new WalletKeys(seedOf(phrase), GENESIS.domain);
    const carol = new Wallet(keys, { ...setting, patience }, store);
    await carol.open({ holderName: "Carol", walletClass: "I" });
    const key = new SigningKey(fromHex(place(1).teller));
    const teller = new SignedClient(place(1).url, { keyId: "teller", sign: (message) => key.sign(message) });
    await teller.post("/v1/deposits", { wallet_id: carol.walletId, amount_fen: 900 }, `cash-${carol.walletId}`);
    await carol.exchange(900);

    const failed = await losingAnswers(1, () => carol.payPerson(bob.address, 300, "once")).catch((error: unknown) => error);
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

describe("payments whose answers were lost", () => {
  it("do not wait for one another when the wallet asks again", async () => {
    const { wallet: erin, phrase } = await funded("Erin", 1, 500);
    const shop = await shopOf("Dumplings", 1);
    const key = new SigningKey(fromHex(place(1).teller));
    const teller = new SignedClient(place(1).url, { keyId: "teller", sign: (message) => key.sign(message) });
    await teller.post("/v1/deposits", { wallet_id: erin.walletId, amount_fen: 300 }, `more-${erin.walletId}`);
    await erin.exchange(300);
    const keys = new WalletKeys(seedOf(phrase), GENESIS.domain);
    const setting = { genesis: GENESIS, home: 1, homeUrl: place(1).url, centreUrl: LIVE.centre_url };
    const losing = new Wallet(keys, { ...setting, patience: { ...PATIENCE, attemptsMax: 1 } }, new MemoryStore());
    await losing.recover();
    for (const request of ["first", "second"]) {
      await losingAnswers(1, () => losing.payPerson(shop.address, 300, request)).catch(() => undefined);
    }

    const settled = await losingAnswers(1, () => losing.resume());

    expect(losing.payments.map((payment) => payment.state)).toEqual(["signed", "settled"]);
    expect(settled.length).toBe(1);
  });
});

describe("what is done at one time", () => {
  it("is kept: neither a payment nor the locks that were used are forgotten", async () => {
    const { wallet, phrase } = await funded("Fay", 1, 500);
    const store = new BusyStore();
    const fay = walletOf(phrase, 1, store);
    await fay.recover();
    const used = (await store.load())?.nextLockIndex ?? 0;
    let opened: Promise<unknown> = Promise.resolve();
    store.duringSave = () => {
      store.duringSave = null;
      store.pauseMs = 1_000;
      opened = fay.open({ holderName: "Fay", walletClass: "I" });
      store.pauseMs = 10;
    };

    const paid = await fay.payPerson((await shopOf("Buns", 1)).address, 100, "once");
    await opened;

    const kept = await store.load();
    expect(kept?.payments.map((payment) => [payment.transactionId, payment.state])).toEqual([
      [paid.transactionId, "settled"],
    ]);
    expect(kept?.nextLockIndex).toBe(used + 1);
    expect(await wallet.sync()).toBe(400);
  });
});

/** Takes a moment to save, in which its wallet may be asked for something else. */
class BusyStore extends MemoryStore {
  duringSave: (() => void) | null = null;
  pauseMs = 10;

  override async save(state: WalletState): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    this.duringSave?.();
    await super.save(state);
  }
}

describe("a wallet of more coins than one transaction may spend", () => {
  const COINS = GENESIS.inputsMax + 1;

  it("puts all of its money back into the deposit at once", async () => {
    const { wallet } = await funded("Frida", 1, COINS);
    await wallet.deposit(COINS);
    const asking = Array.from({ length: COINS }, (_, place) => place);
    while (asking.length > 0) await Promise.all(asking.splice(0, 16).map(() => wallet.exchange(1)));
    const before = [wallet.balanceFen, wallet.payments.length];

    const paid = await wallet.deposit(COINS);

    expect([before, paid.state, wallet.balanceFen]).toEqual([[COINS, 1], "settled", 0]);
    expect(wallet.payments.map((each) => each.coinIds.length)).toEqual([1, GENESIS.inputsMax, 2]);
  }, 60_000);
});

describe("what cannot be", () => {
  it("is refused with a code before anything is signed", async () => {
    const { wallet } = await funded("Dora", 1, 100);
    const shop = await shopOf("Noodles", 1);

    await expect(wallet.payPerson(shop.address, 101)).rejects.toMatchObject({ code: "COINS_INSUFFICIENT" });
    await expect(wallet.order("0123")).rejects.toBeInstanceOf(ProblemError);
    await expect(wallet.payOrder({ ...(await orderOf(shop, 50, "n-1")), amount_fen: 40 })).rejects.toThrow(Error);
    expect([wallet.balanceFen, wallet.payments.length]).toEqual([100, 0]);
  });
});
