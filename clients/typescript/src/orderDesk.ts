/** Asking for money in a merchant's name: what the merchant's wallet and each of its tills can do alike. */

import type { components } from "./api/institution.js";
import { PeerError } from "./errors.js";
import type { SignedClient } from "./signedClient.js";

type Schemas = components["schemas"];
export type ShopOrder = Schemas["Order"];
export type OrderPage = Schemas["OrderPage"];
export type OrderState = Schemas["OrderState"];

/** What an order asks for; the home has a sensible answer for whatever is left out. */
export interface OrderWish {
  readonly amountFen: number;
  /** The same number with the same content is the same order, however often it is asked for. */
  readonly orderNumber: string;
  readonly description?: string;
  readonly expiresInS?: number;
  /** The most that a payer may add; 0 for a shop that takes no tips. */
  readonly tipFenMax?: number;
}

/** Which orders to list; newest first, from a cursor on. */
export interface OrderSearch {
  readonly after?: string;
  readonly limit?: number;
  readonly state?: OrderState;
  readonly orderNumber?: string;
  readonly tillId?: string;
  readonly paidFromMs?: number;
  readonly paidUntilMs?: number;
}

/** Whose orders they are: a till's own, or, without till, everything of the merchant. */
export interface DeskOwner {
  readonly merchantWalletId: string;
  readonly tillId: string | null;
}

const PAGE = 50;

export class OrderDesk {
  constructor(
    protected readonly home: SignedClient,
    readonly owner: DeskOwner,
  ) {}

  /** Ask for money; its `link` is what a payer needs. */
  async ask(wish: OrderWish): Promise<ShopOrder> {
    return this.#own(await this.home.post<ShopOrder>("/v1/orders", requestOf(wish), crypto.randomUUID()), wish);
  }

  /** Take an order back that nobody has paid, or is about to pay; one that is cancelled already stays so. */
  cancel = (orderId: string): Promise<ShopOrder> =>
    this.home.post<ShopOrder>(`/v1/orders/${encodeURIComponent(orderId)}/cancel`, {}, crypto.randomUUID());

  /** An order as it stands. */
  order = (orderId: string): Promise<ShopOrder> => this.home.get<ShopOrder>(`/v1/orders/${encodeURIComponent(orderId)}`);

  /** A page of orders, newest first; `next` is the cursor of the page behind it, and empty on the last. */
  orders(search: OrderSearch = {}): Promise<OrderPage> {
    const asked: Record<string, string | number | undefined> = {
      after: search.after ?? "",
      limit: search.limit ?? PAGE,
      state: search.state,
      order_number: search.orderNumber,
      till_id: search.tillId,
      paid_from_ms: search.paidFromMs,
      paid_until_ms: search.paidUntilMs,
    };
    const query: Record<string, string> = {};
    for (const [name, value] of Object.entries(asked)) if (value !== undefined) query[name] = String(value);
    return this.home.get<OrderPage>("/v1/orders", query);
  }

  /** The order, if it is the one that was asked for: a customer is shown no other. */
  #own(made: ShopOrder, wish: OrderWish): ShopOrder {
    const { merchantWalletId, tillId } = this.owner;
    const isOurs = made.merchant_wallet_id === merchantWalletId && (made.till_id ?? null) === tillId;
    if (!isOurs || made.amount_fen !== wish.amountFen) {
      throw new PeerError("the home has made another order than it was asked for");
    }
    return made;
  }
}

/** The order as it is asked for on the wire. */
export function requestOf(wish: OrderWish): object {
  return {
    amount_fen: wish.amountFen,
    order_number: wish.orderNumber,
    description: wish.description ?? "",
    expires_in_s: wish.expiresInS ?? 900,
    tip_fen_max: wish.tipFenMax ?? 0,
  };
}
