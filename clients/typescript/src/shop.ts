/** What a merchant does beside holding a wallet: tills, checkouts and the day's report. Refunds are the wallet's. */

import type { components } from "./api/institution.js";
import { type Bytes, fromHex, toHex } from "./bytes.js";
import type { Domain } from "./domain.js";
import { PeerError } from "./errors.js";
import { OrderDesk, type OrderWish, requestOf } from "./orderDesk.js";
import type { SignedClient } from "./signedClient.js";
import type { TillRecord } from "./till.js";
import { tillIdOf } from "./tillId.js";

type Schemas = components["schemas"];
export type Checkout = Schemas["Checkout"];
export type DayReport = Schemas["SettlementReport"];
export type Merchant = Schemas["Merchant"];
export type MoneyRequest = Schemas["MoneyRequest"];

const PAGE = "200";

export class Shop extends OrderDesk {
  /** `home` signs as the merchant's wallet. */
  constructor(
    home: SignedClient,
    readonly walletId: string,
    private readonly domain: Domain,
  ) {
    super(home, { merchantWalletId: walletId, tillId: null });
  }

  /** Take orders under this name from now on; orders that are made keep the name that they have. */
  register = (name: string, category: string): Promise<Merchant> =>
    this.home.post<Merchant>("/v1/merchants", { name, category }, crypto.randomUUID());

  /** The shop's name and category; refused with NOT_FOUND where the wallet is no merchant's. */
  merchant = (): Promise<Merchant> => this.home.get<Merchant>(`/v1/merchants/${this.walletId}`);

  // --- tills --------------------------------------------------------------------------------------------------------

  /** Let the holder of a key make orders, and nothing else; the same name and key are the same till. */
  async admit(name: string, publicKey: Bytes): Promise<TillRecord> {
    const request = { name, public_key: toHex(publicKey) };
    const till = await this.home.post<TillRecord>("/v1/tills", request, crypto.randomUUID());
    if (till.till_id !== tillIdOf(fromHex(this.walletId), publicKey, this.domain)) {
      throw new PeerError("the home has opened another till than it was asked for");
    }
    return till;
  }

  /** Every till, closed ones included, oldest first. */
  async tills(): Promise<TillRecord[]> {
    const found: TillRecord[] = [];
    for (let after = ""; ; ) {
      const page = await this.home.get<Schemas["TillPage"]>("/v1/tills", { after, limit: PAGE });
      found.push(...page.tills);
      if (page.next === "" || page.next === after) return found;
      after = page.next;
    }
  }

  /** Let a till make no orders any more; those that it made can still be paid. */
  closeTill = (tillId: string): Promise<TillRecord> =>
    this.home.post<TillRecord>(`/v1/tills/${tillId}/close`, {}, crypto.randomUUID());

  // --- malls, reports and payers' codes -----------------------------------------------------------------------------

  /** Ask for money, and say where the payer is sent back to; number and content again are the same checkout. */
  async checkout(wish: OrderWish, successUrl: string, cancelUrl: string): Promise<Checkout> {
    const request = { order: requestOf(wish), success_url: successUrl, cancel_url: cancelUrl };
    const made = await this.home.post<Checkout>("/v1/checkouts", request, crypto.randomUUID());
    if (made.order.merchant_wallet_id !== this.walletId || made.order.amount_fen !== wish.amountFen) {
      throw new PeerError("the home has made another checkout than it was asked for");
    }
    return made;
  }

  /** What came in and went back on a day, as 2021-06-11 (today where none is named), with all its lines. */
  async report(day: string | null = null): Promise<DayReport> {
    const path = "/v1/settlement-report";
    const first = await this.home.get<DayReport>(path, day === null ? {} : { day });
    const lines = [...first.lines];
    for (let { next } = first; next !== ""; ) {
      // Named from the second page on: the day may end in between.
      const page = await this.home.get<DayReport>(path, { day: first.day, after: next });
      lines.push(...page.lines);
      next = page.next === next ? "" : page.next;
    }
    return { ...first, lines, next: "" };
  }

  /** Ask the payer for money who shows this code; the same number and content again are the same request. */
  askByCode(code: string, wish: OrderWish): Promise<MoneyRequest> {
    const request = {
      payment_code: code,
      amount_fen: wish.amountFen,
      request_number: wish.orderNumber,
      description: wish.description ?? "",
      expires_in_s: wish.expiresInS ?? 300,
    };
    return this.home.post<MoneyRequest>("/v1/money-requests", request, crypto.randomUUID());
  }

  /** Take back a request that nobody has paid. */
  cancelRequest = (requestId: string): Promise<MoneyRequest> =>
    this.home.post<MoneyRequest>(`/v1/money-requests/${requestId}/cancel`, {}, crypto.randomUUID());
}
