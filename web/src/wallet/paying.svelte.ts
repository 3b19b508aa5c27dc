/** One payment from the first look at a code until its end is known. */

import { type Order, orderPaymentName, personPaymentName } from "@tongbao/client";
import { type Means, type Offer, meansFor } from "./model/offer";
import { afterFailure, isSilence, keptAs } from "./model/attempt";
import { RequestIds } from "./model/requestIds";
import type { Misread, Target } from "./model/target";
import type { OpenWallet } from "./openWallet.svelte";
import { aliasIdOf } from "./device/aliasId";
import { isPaid } from "../network/orderStanding";
import { codeOf } from "../network/problems";

export type Step = "find" | "looking" | "amount" | "agree" | "adding" | "paying" | "paid" | "doubt" | "refused" | "never";

export class Paying {
  step = $state<Step>("find");
  looking = $state(false);
  payee = $state("");
  masked = $state(false);
  offer = $state.raw<Offer | null>(null);
  /** Why it stands where it stands; "" where nothing is wrong. */
  trouble = $state("");
  expiryMs = $state(0);
  paidAtMs = $state(0);
  transactionId = $state("");
  #target: Target | null = null;
  /** The same attempt to add money is the same exchange. */
  readonly #addingIds = new RequestIds();

  /** `requestId` names what is paid where no order does: asked by the same one again, it is the same payment. */
  constructor(
    private readonly opened: OpenWallet,
    private readonly sandbox: boolean,
    private readonly requestId: string,
  ) {}

  /** How the payment is made good, as things stand. */
  get means(): Means {
    return meansFor(this.offer?.amountFen ?? 0, this.opened.balanceFen, this.opened.depositFen, this.sandbox);
  }

  /** Look whom the target leads to, and what is asked. */
  async find(target: Target | Misread): Promise<void> {
    this.trouble = target.kind === "misread" ? target.code : "";
    if (target.kind === "misread" || this.looking) return;
    this.#target = target;
    this.looking = true;
    const before = this.step;
    this.step = "looking";
    try {
      await this.#look(target);
    } catch (error) {
      this.step = before;
      this.trouble = codeOf(error);
    } finally {
      this.looking = false;
    }
  }

  async #look(target: Target): Promise<void> {
    const { wallet, calls } = this.opened;
    if (target.kind === "order") return this.#offerOrder(await wallet.order(target.orderId, target.home));
    if (target.kind === "shop") return this.#lookAtShop(target.home, target.merchantWalletId, target.amountFen);
    const found =
      target.kind === "phone"
        ? (await calls.holderOf(await aliasIdOf(target.phone, this.opened.profile.networkId))).payee
        : await wallet.payee(target.address);
    const person: Target =
      target.kind === "person"
        ? target
        : { kind: "person", address: found.address, network: "", amountFen: null, purpose: "" };
    this.#target = person;
    this.payee = found.name;
    this.masked = found.kind === "personal";
    if (person.amountFen === null) this.step = "amount";
    else this.#offerPerson(person, person.amountFen);
  }

  async #lookAtShop(home: number, walletId: string, amountFen: number | null): Promise<void> {
    if (amountFen !== null) return this.#askShop(home, walletId, amountFen);
    this.payee = "";
    this.masked = false;
    this.step = "amount";
  }

  async #askShop(home: number, walletId: string, amountFen: number): Promise<void> {
    const scanId = this.requestId.replaceAll("-", "");
    this.#offerOrder(await this.opened.calls.orderAt(home, walletId, amountFen, scanId));
  }

  /** Take the amount that the payer names. */
  name(amountFen: number): void {
    const target = this.#target;
    if (target?.kind === "person") this.#offerPerson(target, amountFen);
    if (target?.kind === "shop") void this.find({ ...target, amountFen });
  }

  #offerOrder(order: Order): void {
    this.offer = {
      payee: order.merchant_name,
      masked: false,
      amountFen: order.amount_fen,
      purpose: order.description,
      orderNumber: order.order_number,
      home: order.home,
      order,
      asked: this.opened.requests.some((each) => each.request_id === order.order_id),
      address: null,
      requestId: order.order_id,
    };
    const kept = keptAs(this.opened.wallet.payments, orderPaymentName(order.home, order.order_id));
    if (kept?.state === "settled") this.#end(kept.transactionId, order.paid_at_ms ?? Date.now());
    else if (kept?.state === "signed") this.#doubt("IN_DOUBT", kept.expiryMs);
    else if (order.state === "open") this.step = "agree";
    else this.#refuse(isPaid(order) ? "ORDER_PAID" : "ORDER_EXPIRED");
  }

  #offerPerson(person: Extract<Target, { kind: "person" }>, amountFen: number): void {
    // Another amount, typed after a reload, is another payment.
    const requestId = `${this.requestId}-${amountFen}`;
    this.offer = {
      payee: this.payee,
      masked: this.masked,
      amountFen,
      purpose: person.purpose,
      orderNumber: "",
      home: 0,
      order: null,
      asked: false,
      address: person.address,
      requestId,
    };
    const kept = keptAs(this.opened.wallet.payments, personPaymentName(person.address, requestId));
    if (kept?.state === "settled") this.#end(kept.transactionId);
    else if (kept?.state === "signed") this.#doubt("IN_DOUBT", kept.expiryMs);
    else this.step = "agree";
  }

  // --- agreed -------------------------------------------------------------------------------------------------------

  /** The holder agrees: add what is missing, then pay. Asked again, it is the same payment. */
  async pay(): Promise<void> {
    const { offer, means } = this;
    if (offer === null || this.step === "paying" || this.step === "adding" || means.kind === "short") return;
    this.trouble = "";
    try {
      if (means.kind === "add") {
        this.step = "adding";
        await this.opened.load(means.missingFen, this.sandbox, this.#addingIds.of(means.missingFen));
        this.#addingIds.forget();
      }
    } catch (error) {
      // A refusal is remembered with its request, and may be over by the next attempt.
      if (!isSilence(error)) this.#addingIds.forget();
      this.#refuse(codeOf(error));
      return;
    }
    await this.#pay(offer);
  }

  async #pay(offer: Offer): Promise<void> {
    const { order, address } = offer;
    this.step = "paying";
    const name = order ? orderPaymentName(order.home, order.order_id) : personPaymentName(address ?? "", offer.requestId);
    try {
      const paid = order
        ? await this.opened.payOrder(order)
        : await this.opened.payPerson(address ?? "", offer.amountFen, offer.requestId, offer.payee);
      this.#end(paid.transactionId);
    } catch (error) {
      const standing = afterFailure(error, keptAs(this.opened.wallet.payments, name));
      if (standing.kind === "paid") this.#end(standing.payment.transactionId);
      else if (standing.kind === "doubt") this.#doubt(standing.code, standing.expiryMs);
      else if (standing.kind === "never") this.step = "never";
      else this.#refuse(standing.code);
    }
  }

  #end(transactionId: string, atMs = Date.now()): void {
    this.transactionId = transactionId;
    this.paidAtMs = atMs;
    this.step = "paid";
  }

  #doubt(code: string, expiryMs: number): void {
    this.trouble = code;
    this.expiryMs = expiryMs;
    this.step = "doubt";
  }

  #refuse(code: string): void {
    this.trouble = code;
    this.step = "refused";
  }
}
