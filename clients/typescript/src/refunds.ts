/** Refunds of which the payer is asked: a shop offers them and pays what is accepted, a payer answers. */

import type { components } from "./api/institution.js";
import { PeerError, TongbaoError } from "./errors.js";
import type { KeptPayment } from "./payment.js";
import type { SignedClient } from "./signedClient.js";
import type { KeptOffer } from "./walletStore.js";

type Schemas = components["schemas"];
export type Refund = Schemas["Refund"];
export type RefundPolicy = Schemas["RefundPolicy"];

const PAGE = "200";

/** Which refunds this wallet offered, and how it pays one. */
export interface RefundDesk {
  readonly offers: () => readonly KeptOffer[];
  readonly keep: (offer: KeptOffer) => Promise<void>;
  readonly pay: (refund: Refund) => Promise<KeptPayment>;
}

export class Refunds {
  constructor(
    private readonly home: SignedClient,
    private readonly walletId: string,
    private readonly desk: RefundDesk,
  ) {}

  // --- the shop -----------------------------------------------------------------------------------------------------

  /** How new orders are refunded. */
  policy = (): Promise<RefundPolicy> => this.home.get<RefundPolicy>("/v1/refund-policy");

  /** Refund so what is paid for orders from now on; those that are made keep what their payers were shown. */
  setPolicy = (policy: RefundPolicy): Promise<RefundPolicy> =>
    this.home.post<RefundPolicy>("/v1/refund-policy", policy, crypto.randomUUID());

  /**
   * Ask the payer of an order; the same number with the same content is the same offer. Without amount it is all that
   * is left, by the home's word; so `payAccepted` leaves it for the holder to look at.
   */
  async offer(orderId: string, amountFen: number | null, refundNumber: string, reason = ""): Promise<Refund> {
    const asked = { order_id: orderId, amount_fen: amountFen, refund_number: refundNumber, reason };
    const refund = await this.home.post<Refund>("/v1/refunds", asked, crypto.randomUUID());
    const isOther = refund.order_id !== orderId || refund.refund_number !== refundNumber;
    if (isOther || refund.merchant_wallet_id !== this.walletId || refund.amount_fen !== (amountFen ?? refund.amount_fen)) {
      throw new PeerError("the home offers another refund than it was asked for");
    }
    if (amountFen !== null) await this.desk.keep({ refundId: refund.refund_id, orderId, amountFen });
    return refund;
  }

  /** Take an offer back that nobody has answered. */
  withdraw = (refund: Refund): Promise<Refund> =>
    this.home.post<Refund>(`/v1/refunds/${refund.refund_id}/withdraw`, {}, crypto.randomUUID());

  /** What this shop offers, newest first. */
  offered = (): Promise<Refund[]> => this.#all("offered");

  /** What is accepted, by word or by silence, and not paid yet; who was promised first stands first. */
  async owed(): Promise<Refund[]> {
    return (await this.offered()).filter((each) => each.state === "accepted").reverse();
  }

  /** Whether this wallet offered just this refund here: then it needs nobody's word but its payer's. */
  isOfferedHere(refund: Refund): boolean {
    const offer = this.desk.offers().find((each) => each.refundId === refund.refund_id);
    return offer !== undefined && offer.orderId === refund.order_id && offer.amountFen === refund.amount_fen;
  }

  /** Pay a refund that the holder has looked at; asked again, it is paid once. */
  pay = (refund: Refund): Promise<KeptPayment> => this.desk.pay(refund);

  /**
   * Pay every accepted refund that was offered here; asked again, each is paid once. Any other one is a claim of the
   * home alone, or was offered by another device: whoever holds the wallet may `pay` it. One that cannot be paid
   * holds up none of the others: `failed` hears why, and it stays accepted. Without `failed`, the first error is thrown
   * once all were tried.
   */
  async payAccepted(failed?: (refund: Refund, error: TongbaoError) => void): Promise<KeptPayment[]> {
    const owed = (await this.owed()).filter((each) => this.isOfferedHere(each));
    const paid: KeptPayment[] = [];
    let first: TongbaoError | null = null;
    for (const refund of owed) {
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
