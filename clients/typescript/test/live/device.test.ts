/** Wallets whose keys lie on a device or are a passkey's, beside a currency that runs. */

import { describe, expect, it, vi } from "vitest";
import { PATIENCE, newPhrase } from "../../src/index.js";
import { playedPasskey } from "../authenticator.js";
import { browser } from "../tabs.js";
import { GENESIS, LIVE, deposited, heartbeat, losingAnswers, orderOf, place, shopOf } from "./living.js";

/** Some ten thousand keys are derived here, on machines that have other work as well. */
const DERIVING_MS = 90_000;

describe("a wallet whose keys lie on the device", () => {
  const setting = { genesis: GENESIS, home: 1, homeUrl: place(1).url, centreUrl: LIVE.centre_url };

  it("pays from two tabs at a time, brings a lost answer to its end by itself, and comes back elsewhere", async () => {
    const [tab, phrase] = [browser(), await newPhrase()];
    const wallet = await (await tab()).create(phrase, setting);
    await wallet.open({ holderName: "Hana", walletClass: "I" });
    await wallet.start();
    await deposited(wallet, 1_000);
    const shop = await shopOf("Peaches", 2);
    const other = await (await tab()).wallet(wallet.walletId, { ...setting, patience: { ...PATIENCE, attemptsMax: 1 } });
    if (other === null) throw new Error("the other tab has no wallet");
    await other.start();
    const [first, second] = [await orderOf(shop, 100, "p-1"), await orderOf(shop, 200, "p-2")];
    const stages: string[] = [];
    wallet.subscribe((news) => news.what === "payment" && stages.push(`${news.payment.amountFen} ${news.stage}`));

    await Promise.all([wallet.payOrder(first), other.payOrder(second), wallet.payOrder(second)]);
    await expect(losingAnswers(1, () => other.payPerson(shop.address, 50, "tip"))).rejects.toThrow();
    const reloaded = await (await tab()).wallet(wallet.walletId, setting);
    await reloaded?.start();
    await expect.poll(() => reloaded?.payments.map((payment) => payment.state)).toEqual(Array(3).fill("settled"));
    const elsewhere = await (await browser()()).recover(phrase, setting);
    await elsewhere.payPerson(shop.address, 25, "last");

    expect(stages).toEqual(["100 signed", "100 settled"]);
    expect(elsewhere.balanceFen).toBe(625);
    await expect.poll(() => wallet.balanceFen).toBe(650);
    // What the new machine got back lies under keys that it made, and the old one has not.
    expect([await wallet.sync(), wallet.keysLeft.elsewhereFen]).toEqual([0, 625]);
    await (await tab()).moreKeys(wallet.walletId, phrase, setting);
    expect(await wallet.sync()).toBe(625);
    for (const each of [wallet, other, reloaded, elsewhere]) each?.stop();
  }, DERIVING_MS);
});

describe("a wallet that a passkey guards", () => {
  const setting = { genesis: GENESIS, home: 1, homeUrl: place(1).url, centreUrl: LIVE.centre_url };
  const PERIOD_MS = 60_000;

  it("pays with one gesture, whatever the coins, and the phrase alone opens what is left when the time has come", async () => {
    const played = await playedPasskey();
    const [device, phrase] = [await browser(played.ask)(), await newPhrase()];
    const wallet = await device.create(phrase, setting, { passkey: played.passkey, periodMs: PERIOD_MS });
    await wallet.open({ holderName: "Ning", walletClass: "I" });
    await wallet.start();
    for (const amountFen of [100, 200, 300]) await deposited(wallet, amountFen);
    const shop = await shopOf("Plums", 2);

    const paid = await wallet.payOrder(await orderOf(shop, 450, "plum-1"));
    const gestures = played.gestures;
    await heartbeat((await wallet.account()).time_ms + 2 * PERIOD_MS);
    await deposited(wallet, 30); // by which its home hears of the time, too
    await wallet.renewGuard();
    const renewed = [wallet.payments.length, wallet.balanceFen, played.gestures];
    const lost = await (await browser()()).recover(phrase, setting);
    const early = await lost.payPerson(shop.address, 180, "early").catch((error: unknown) => error);
    const opensAtMs = Math.max(...lost.keysLeft.later.map((each) => each.opensAtMs));
    await heartbeat(opensAtMs);
    const now = vi.spyOn(Date, "now").mockReturnValue(opensAtMs + 1);
    const late = await lost.payPerson(shop.address, 180, "late").finally(() => now.mockRestore());

    expect([gestures, paid.coinIds.length, renewed]).toEqual([1, 2, [2, 180, 2]]);
    expect([early, late.state]).toMatchObject([{ code: "COINS_INSUFFICIENT" }, "settled"]);
    expect([await lost.sync(), await lost.pockets.all()]).toEqual([0, []]);
    for (const each of [wallet, lost]) each.stop();
  }, DERIVING_MS);
});
