/** A shop that pays what its payers have accepted, against a home that is played here. */

import { describe, expect, it } from "vitest";
import { type KeptOffer, type KeptPayment, type Refund, Refunds, SignedClient, TongbaoError } from "../src/index.js";
import { homeThat } from "./playedHome.js";

const SHOP = "5".repeat(32);

interface Played {
  readonly refunds: Refunds;
  readonly tried: string[];
  readonly offers: KeptOffer[];
}

function refund(refundId: string, told: Partial<Refund> = {}): Partial<Refund> {
  return { refund_id: refundId, order_id: `order of ${refundId}`, amount_fen: 100, state: "accepted", ...told };
}

function offerOf(refundId: string): KeptOffer {
  return { refundId, orderId: `order of ${refundId}`, amountFen: 100 };
}

/** A shop whose home lists these refunds, newest first; those that are named cannot be paid. */
function shopWith(listed: readonly object[], offers: KeptOffer[], unpayable: readonly string[] = []): Played {
  homeThat(() => ({ refunds: listed, next: "" }));
  const tried: string[] = [];
  const pay = async ({ refund_id }: Refund): Promise<KeptPayment> => {
    tried.push(refund_id);
    if (unpayable.includes(refund_id)) throw new TongbaoError(`${refund_id} cannot be paid`, "WALLET_CLOSED");
    return { name: refund_id } as KeptPayment;
  };
  const keep = async (offer: KeptOffer): Promise<void> => void offers.push(offer);
  const desk = { offers: () => offers, keep, pay };
  return { refunds: new Refunds(new SignedClient("http://home.example", null), SHOP, desk), tried, offers };
}

/** A shop that owes these refunds, oldest first, all of which it offered. */
function shopThatCannotPay(owed: readonly string[], unpayable: readonly string[]): Played {
  const listed = owed.map((refundId) => refund(refundId)).reverse();
  return shopWith([refund("declined", { state: "declined" }), ...listed], owed.map(offerOf), unpayable);
}

describe("accepted refunds", () => {
  it("are paid behind one that cannot be, and its reason is told", async () => {
    const { refunds, tried } = shopThatCannotPay(["closed", "second", "third"], ["closed"]);
    const failures: string[] = [];

    const paid = await refunds.payAccepted((refund, error) => failures.push(`${refund.refund_id} ${error.code}`));

    expect(tried).toEqual(["closed", "second", "third"]);
    expect(paid.map(({ name }) => name)).toEqual(["second", "third"]);
    expect(failures).toEqual(["closed WALLET_CLOSED"]);
  });

  it("that cannot be paid are an error for whoever listens to none, after all others were tried", async () => {
    const { refunds, tried } = shopThatCannotPay(["closed", "second", "gone"], ["closed", "gone"]);

    await expect(refunds.payAccepted()).rejects.toThrow(/closed cannot be paid/);
    expect(tried).toEqual(["closed", "second", "gone"]);
  });

  it.each([
    ["that nobody offered here", refund("strange")],
    ["of more than was offered", refund("mine", { amount_fen: 101 })],
    ["of another order than was offered", refund("mine", { order_id: "another" })],
  ])("%s wait for the holder, whatever the home says", async (_what, listed) => {
    const { refunds, tried } = shopWith([listed], [offerOf("mine")]);

    const paid = await refunds.payAccepted();
    const [owed] = await refunds.owed();

    expect([paid, tried]).toEqual([[], []]);
    expect(owed).toEqual(listed);
    expect(await refunds.pay(owed as Refund)).toEqual({ name: listed.refund_id });
  });
});

describe("an offer", () => {
  const answered = { ...refund("new", { state: "offered" }), refund_number: "r1", merchant_wallet_id: SHOP };

  it("is kept with what was offered, so that it is paid once it is accepted", async () => {
    const { refunds, offers } = shopWith([], []);
    homeThat(() => answered);

    await refunds.offer("order of new", 100, "r1");

    expect(offers).toEqual([offerOf("new")]);
  });

  it("of all that is left waits for the holder, since the home alone says how much that is", async () => {
    const { refunds, offers } = shopWith([], []);
    homeThat(() => answered);

    await refunds.offer("order of new", null, "r1");

    expect(offers).toEqual([]);
  });

  it.each([
    ["amount", { amount_fen: 900 }],
    ["order", { order_id: "another" }],
    ["number", { refund_number: "r2" }],
    ["shop", { merchant_wallet_id: "6".repeat(32) }],
  ])("that comes back with another %s is an error, and is not kept", async (_what, told) => {
    const { refunds, offers } = shopWith([], []);
    homeThat(() => ({ ...answered, ...told }));

    await expect(refunds.offer("order of new", 100, "r1")).rejects.toMatchObject({ code: "PEER" });
    expect(offers).toEqual([]);
  });
});
