/** One sale as the counter sees it: asked for, waited for, paid; or over. */

import { type OrderDesk, ProblemError, type ShopOrder, TongbaoError } from "@tongbao/client";
import { endOf } from "../../checkout/timeLeft";
import { followOrder } from "../../network/followOrder";
import { isOver, isPaid } from "../../network/orderStanding";
import { habits } from "./habits.svelte";
import { saleNumber } from "./saleNumber";

/** A customer at the counter pays within minutes. */
const SALE_LASTS_S = 300;
/** Between two looks at a sale that waits: its stream may have died without a word, and the customer stands there. */
const LOOK_EVERY_MS = 15_000;
/** A sale of before that nobody could be asked about is looked for again after so long. */
const AGAIN_MS = 5_000;
/** What a home answers of an order that is none of this desk's, or none at all. */
const NOT_OURS = new Set([403, 404]);

/** What is done once a sale is paid. */
export interface SaleEnds {
  paid(order: ShopOrder): void;
}

export class Sale {
  order = $state.raw<ShopOrder | null>(null);
  endMs = $state(0);
  live = $state(true);
  busy = $state(false);
  error = $state.raw<unknown>(null);
  #stop = (): void => undefined;
  #hasLeft = false;
  /** One order, however often its button is pressed until it is known to be made. */
  #wish: { readonly amountFen: number; readonly description: string; readonly orderNumber: string } | null = null;

  constructor(
    private readonly desk: OrderDesk,
    private readonly homeUrl: string,
    private readonly ends: SaleEnds,
  ) {}

  get isPaid(): boolean {
    return this.order !== null && isPaid(this.order);
  }

  get isOver(): boolean {
    return this.order !== null && isOver(this.order);
  }

  /** Ask a customer for money. */
  async ask(amountFen: number, description: string): Promise<void> {
    if (this.#wish?.amountFen !== amountFen || this.#wish.description !== description) {
      this.#wish = { amountFen, description, orderNumber: saleNumber(new Date()) };
    }
    const wish = this.#wish;
    await this.#try(async () => {
      const tipFenMax = habits.tipFenMax(amountFen);
      this.#show(await this.desk.ask({ ...wish, tipFenMax, expiresInS: SALE_LASTS_S }));
      this.#wish = null;
    });
  }

  /**
   * Show the sale that was on the counter before the page was loaded anew, also where it was paid meanwhile; where nobody
   * answers, ask again until somebody does or the next sale is asked for.
   */
  async resume(): Promise<void> {
    const { saleId } = habits;
    if (saleId === null) return;
    let order: ShopOrder | null = null;
    try {
      order = await this.desk.order(saleId);
    } catch (error) {
      if (error instanceof ProblemError && NOT_OURS.has(error.status)) habits.saleId = null;
    }
    // Another sale has taken its place, or the page was left.
    if (this.#hasLeft || this.order !== null || habits.saleId !== saleId) return;
    if (order === null || this.busy) this.#resumeLater();
    else this.#goOn(order);
  }

  #resumeLater(): void {
    const again = setTimeout(() => void this.resume(), AGAIN_MS);
    this.#stop = () => clearTimeout(again);
  }

  #goOn(order: ShopOrder): void {
    const isOurs = order.merchant_wallet_id === this.desk.owner.merchantWalletId;
    if (isOurs && order.state === "open") return this.#show(order);
    habits.saleId = null;
    if (!isOurs || order.state !== "paid") return;
    this.order = order;
    this.ends.paid(order);
  }

  /** Take it back; while somebody pays, that is refused, and the counter goes on waiting. */
  async cancel(): Promise<void> {
    const { order } = this;
    if (order === null) return;
    await this.#try(async () => {
      await this.desk.cancel(order.order_id);
      this.clear();
    });
  }

  /** The next customer. */
  clear(): void {
    this.#stop();
    this.order = null;
    this.error = null;
    habits.saleId = null;
  }

  /** Listen no more; the sale is found again. */
  leave(): void {
    this.#hasLeft = true;
    this.#stop();
  }

  #show(order: ShopOrder): void {
    this.#stop();
    this.order = order;
    this.endMs = endOf(order, Date.now());
    habits.saleId = order.order_id;
    const stopHearing = followOrder(this.homeUrl, order.order_id, {
      heard: (told) => this.#heard(told),
      live: (isLive) => (this.live = isLive),
    });
    const looking = setInterval(() => void this.#look(order.order_id), LOOK_EVERY_MS);
    this.#stop = () => {
      clearInterval(looking);
      stopHearing();
    };
  }

  async #look(orderId: string): Promise<void> {
    const told = await this.desk.order(orderId).catch(() => null); // the next look asks again
    const isAwaited = !this.#hasLeft && this.order?.order_id === orderId && this.order.state === "open";
    if (told !== null && isAwaited) this.#heard(told);
  }

  #heard(told: ShopOrder): void {
    const wasPaid = this.isPaid;
    this.order = told;
    this.endMs = endOf(told, Date.now());
    if (!wasPaid && isPaid(told)) this.ends.paid(told);
    if (told.state !== "open") {
      habits.saleId = null;
      this.#stop();
    }
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof TongbaoError)) throw error;
      this.error = error;
    } finally {
      this.busy = false;
    }
  }
}
