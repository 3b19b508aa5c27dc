/** What the page asks of the wallet's home beside paying: requests for money, names, statements, codes. */

import {
  type Account,
  type History,
  type Order,
  PATIENCE,
  type Patience,
  PeerError,
  SignedClient,
  type Signer,
} from "@tongbao/client";
import type { components } from "../../../clients/typescript/src/api/institution";

type Schemas = components["schemas"];
export type MoneyRequest = Schemas["MoneyRequest"];
export type PayeeName = Schemas["PayeeName"];
export type Statement = Schemas["Statement"];
export type Checkout = Schemas["Checkout"];
export type FoundPayee = Schemas["FoundPayee"];
export type CodeBook = Schemas["CodeBook"];

/** Who is asked for money: whoever has the address, or shows the code. */
export type Payer = { readonly address: string } | { readonly payment_code: string };

/** Somebody looks at a page and waits: rather say soon that nobody answers, and ask again by itself. */
const READING: Patience = { ...PATIENCE, timeoutMs: 8_000, attemptsMax: 2 };

const PAGE = "50";
const PAGES_MAX = 200;

/** Calls that the wallet signs; what moves money goes through the wallet itself. */
export class HomeCalls {
  readonly #reading: SignedClient;
  readonly #changing: SignedClient;

  constructor(
    homeUrl: string,
    signer: Signer,
    private readonly walletId: string,
  ) {
    this.#reading = new SignedClient(homeUrl, signer, READING);
    this.#changing = new SignedClient(homeUrl, signer);
  }

  account = (): Promise<Account> => this.#reading.get<Account>(this.#path(""));

  history = (after = "", limit = PAGE): Promise<History> =>
    this.#reading.get<History>(this.#path("/history"), { after, limit });

  /** Open requests that this wallet may answer. */
  async requests(box: "received" | "sent"): Promise<MoneyRequest[]> {
    const query = { box, after: "", limit: PAGE };
    return (await this.#reading.get<Schemas["MoneyRequestPage"]>("/v1/money-requests", query)).requests;
  }

  /** Ask for money; the same number and content again are the same request. */
  ask(payer: Payer, amountFen: number, description: string, requestNumber: string): Promise<MoneyRequest> {
    const asked = { ...payer, amount_fen: amountFen, description, request_number: requestNumber };
    return this.#changing.post<MoneyRequest>("/v1/money-requests", asked, crypto.randomUUID());
  }

  /** Say no; the reason is told to whoever asks. */
  decline({ home, request_id }: MoneyRequest, reason: string): Promise<MoneyRequest> {
    const path = `/v1/homes/${home}/money-requests/${encodeURIComponent(request_id)}/decline`;
    return this.#changing.post<MoneyRequest>(path, { reason }, crypto.randomUUID());
  }

  /** Take back what this wallet has asked for. */
  cancel = ({ request_id }: MoneyRequest): Promise<MoneyRequest> =>
    this.#changing.post<MoneyRequest>(`/v1/money-requests/${encodeURIComponent(request_id)}/cancel`, {}, crypto.randomUUID());

  /**
   * An order of whoever hangs up a code, for the amount that the payer names; the same scan again is the same order. It
   * is just that shop's, and for just that amount, whatever the wallet's home answers.
   */
  async orderAt(home: number, merchantWalletId: string, amountFen: number, scanId: string): Promise<Order> {
    const path = `/v1/homes/${home}/merchants/${merchantWalletId}/orders`;
    const asked = { amount_fen: amountFen, scan_id: scanId };
    const order = await this.#changing.post<Order>(path, asked, crypto.randomUUID());
    const isOfShop = order.merchant_wallet_id === merchantWalletId && order.home === home;
    if (isOfShop && order.amount_fen === amountFen) return order;
    throw new PeerError("the home answers with another order than the code asks for");
  }

  /** Who is found by the telephone number, at whichever home. */
  holderOf = (aliasId: string): Promise<FoundPayee> =>
    this.#changing.post<FoundPayee>("/v1/payees/aliases", { alias_id: aliasId, name: "" }, crypto.randomUUID());

  /** Let a code go to the number. */
  claim = (phone: string): Promise<Schemas["AliasClaim"]> =>
    this.#changing.post<Schemas["AliasClaim"]>("/v1/aliases/claims", { phone }, crypto.randomUUID());

  /** Be found by the number from now on. */
  confirm = (aliasId: string, code: string): Promise<Schemas["Alias"]> =>
    this.#changing.post<Schemas["Alias"]>("/v1/aliases", { alias_id: aliasId, code }, crypto.randomUUID());

  aliases = async (): Promise<Schemas["Alias"][]> => (await this.#reading.get<Schemas["AliasList"]>("/v1/aliases")).aliases;

  /** Begin a book of payment codes under a secret of this wallet's making, in hexadecimal. */
  openCodes = (secret: string): Promise<CodeBook> =>
    this.#changing.post<CodeBook>(this.#path("/payment-codes"), { secret }, crypto.randomUUID());

  /** The whole statement of a period, page after page. */
  async statement(fromMs: number, untilMs: number): Promise<Statement> {
    const query = { from_ms: String(fromMs), until_ms: String(untilMs), account: "wallet" };
    const whole = await this.#reading.get<Statement>(this.#path("/statement"), query);
    for (let pages = 1; whole.next !== "" && pages < PAGES_MAX; pages++) {
      const more = await this.#reading.get<Statement>(this.#path("/statement"), { ...query, after: whole.next });
      whole.movements.push(...more.movements);
      whole.closing_fen = more.closing_fen;
      if (more.next === whole.next) break;
      whole.next = more.next;
    }
    return whole;
  }

  /** Nobody can pay the wallet any more; once it is empty it is closed. */
  close = (): Promise<Account> => this.#changing.post<Account>(this.#path("/closing"), { moved_to: "" }, crypto.randomUUID());

  #path(rest: string): string {
    return `/v1/wallets/${this.walletId}${rest}`;
  }
}
