/** Refunds of which the payer is asked: a shop offers them and pays what is accepted, a payer answers. */

import type { components } from "./api/institution.js";
import { TongbaoError } from "./errors.js";
import type { KeptPayment } from "./payment.js";
import type { SignedClient } from "./signedClient.js";

type Schemas = components["schemas"];
export type Refund = Schemas["Refund"];
export type RefundPolicy = Schemas["RefundPolicy"];

const PAGE = "200";

export class Refunds {
  constructor(
    private readonly home: SignedClient,
    private readonly pay: (refund: Refund) => Promise<KeptPayment>,
  ) {}

  // --- the shop -----------------------------------------------------------------------------------------------------

  /** How new orders are refunded. */
  policy = (): Promise<RefundPolicy> => this.home.get<RefundPolicy>("/v1/refund-policy");

  /** Refund so what is paid for orders from now on; those that are made keep what their payers were shown. */
  setPolicy = (policy: RefundPolicy): Promise<RefundPolicy> =>
    this.home.post<RefundPolicy>("/v1/refund-policy", policy, crypto.randomUUID());

  /** Ask the payer of an order; the same number with the same content is the same offer. Without amount: all that is left. */
  offer(orderId: string, amountFen: number | null, refundNumber: string, reason = ""): Promise<Refund> {
    const offer = { order_id: orderId, amount_fen: amountFen, refund_number: refundNumber, reason };
    return this.home.post<Refund>("/v1/refunds", offer, crypto.randomUUID());
  }

  /** Take an offer back that nobody has answered. */
  withdraw = (refund: Refund): Promise<Refund> =>
    this.home.post<Refund>(`/v1/refunds/${refund.refund_id}/withdraw`, {}, crypto.randomUUID());

  /** What this shop offers, newest first. */
  offered = (): Promise<Refund[]> => this.#all("offered");

  /**
   * Pay every refund that is accepted, by word or by silence; asked again, each is paid once. One that cannot be paid
   * holds up none of the others: `failed` hears why, and it stays accepted. Without `failed`, the first error is thrown
   * once all were tried.
   */
  async payAccepted(failed?: (refund: Refund, error: TongbaoError) => void): Promise<KeptPayment[]> {
    const owed = (await this.offered()).filter((each) => each.state === "accepted");
    const paid: KeptPayment[] = [];
    let first: TongbaoError | null = null;
    // Who was promised first is paid first.
    for (const refund of owed.reverse()) {
      try {
        paid.push(await this.pay(refund));
      } catch (error) {
        if (!(error instanceof TongbaoError)) throw error;
        failed?.(refund, error);
        first ??= error;
      }
    }
    if (first !== null && failed === undefined) throw first;
    return paid;
  }

  // --- the payer ----------------------------------------------------------------------------------------------------

  /** What shops offer this wallet, newest first. */
  received = (): Promise<Refund[]> => this.#all("received");

  /** Take a refund, or decline it; the first answer counts. */
  answer(refund: Refund, accept: boolean): Promise<Refund> {
    const path = `/v1/homes/${refund.home}/refunds/${refund.refund_id}/answer`;
    return this.home.post<Refund>(path, { accept }, crypto.randomUUID());
  }

  async #all(box: "offered" | "received"): Promise<Refund[]> {
    const found: Refund[] = [];
    for (let after = ""; ; ) {
      const page = await this.home.get<Schemas["RefundPage"]>("/v1/refunds", { box, after, limit: PAGE });
      found.push(...page.refunds);
      if (page.next === "" || page.next === after) return found;
      after = page.next;
    }
  }
}
