/** A shop that pays what its payers have accepted, against a home that is played here. */

import { describe, expect, it } from "vitest";
import { type KeptPayment, type Refund, Refunds, SignedClient, TongbaoError } from "../src/index.js";
import { homeThat } from "./playedHome.js";

/** A shop that owes these refunds, oldest first, and cannot pay those that are named. */
function shopThatCannotPay(owed: readonly string[], unpayable: readonly string[]): { refunds: Refunds; tried: string[] } {
  const listed = owed.map((refund_id) => ({ refund_id, state: "accepted" })).reverse();
  homeThat(() => ({ refunds: [{ refund_id: "declined", state: "declined" }, ...listed], next: "" }));
  const tried: string[] = [];
  const pay = async ({ refund_id }: Refund): Promise<KeptPayment> => {
    tried.push(refund_id);
    if (unpayable.includes(refund_id)) throw new TongbaoError(`${refund_id} cannot be paid`, "WALLET_CLOSED");
    return { name: refund_id } as KeptPayment;
  };
  return { refunds: new Refunds(new SignedClient("http://home.example", null), pay), tried };
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
});
