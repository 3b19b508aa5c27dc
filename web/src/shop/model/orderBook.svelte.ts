/** The orders of this desk, newest first, as they stand. */

import type { OrderDesk, OrderPage, OrderState, ShopOrder } from "@tongbao/client";

export type OrderFilter = "all" | "paid" | "open";

const STATES: Readonly<Record<OrderFilter, OrderState | undefined>> = { all: undefined, paid: "paid", open: "open" };
const PAGE = 30;
/** Between two looks while somebody looks at the page and nobody tells news; each asks for the newest page alone. */
const LOOK_EVERY_MS = 2_000;
/** The same where news are told. */
const LOOK_SELDOM_MS = 30_000;

export class OrderBook {
  filter = $state<OrderFilter>("all");
  orders = $state.raw<readonly ShopOrder[] | null>(null);
  next = $state("");
  error = $state.raw<unknown>(null);
  /** How often something was told of any order; who shows more than its state looks again. */
  stirred = $state(0);
  /** Whether somebody tells this book of what happens. */
  isTold = false;
  #looking = false;
  #again = false;
  #watched = 0;
  #lookedAtMs = 0;

  constructor(private readonly desk: OrderDesk) {}

  /** Show other orders. */
  async show(filter: OrderFilter): Promise<void> {
    this.filter = filter;
    this.orders = null;
    this.next = "";
    await this.look();
  }

  /** Ask for the newest orders; older ones that are shown stay. */
  async look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    this.#lookedAtMs = Date.now();
    const { filter } = this;
    try {
      const page = await this.desk.orders({ limit: PAGE, ...stateOf(filter) });
      // Of another filter by now: whoever changed it has asked for one more look.
      if (filter === this.filter) this.#take(page);
    } catch (error) {
      this.error = error;
    } finally {
      this.#looking = false;
    }
    if (!this.#again) return;
    this.#again = false;
    await this.look();
  }

  #take(page: OrderPage): void {
    const isFirst = this.orders === null;
    this.orders = merged(page.orders, this.orders ?? [], page.next === "" ? null : page.orders.at(-1));
    if (isFirst) this.next = page.next;
    this.error = null;
  }

  /** Something has happened: look, if anybody does. */
  stir(): void {
    this.stirred += 1;
    if (this.#watched > 0) void this.look();
  }

  /** Show older orders, too. */
  async showOlder(): Promise<void> {
    const { filter, next } = this;
    if (next === "") return;
    try {
      const page = await this.desk.orders({ limit: PAGE, after: next, ...stateOf(filter) });
      if (filter !== this.filter || next !== this.next) return;
      const known = new Set((this.orders ?? []).map((each) => each.order_id));
      this.orders = [...(this.orders ?? []), ...page.orders.filter((each) => !known.has(each.order_id))];
      this.next = page.next;
    } catch (error) {
      this.error = error;
    }
  }

  /** An order has changed. */
  heard(order: ShopOrder): void {
    this.orders = this.orders?.map((each) => (each.order_id === order.order_id ? order : each)) ?? null;
  }

  /** Somebody looks at the orders until the returned function is called. */
  watch(): () => void {
    this.#watched += 1;
    void this.look();
    return () => {
      this.#watched -= 1;
    };
  }

  /** Look again and again while somebody watches and the page is seen. */
  follow(): () => void {
    const looking = setInterval(() => {
      const isTime = Date.now() - this.#lookedAtMs >= (this.isTold ? LOOK_SELDOM_MS : LOOK_EVERY_MS);
      if (isTime && this.#watched > 0 && document.visibilityState === "visible") void this.look();
    }, LOOK_EVERY_MS);
    return () => clearInterval(looking);
  }
}

function stateOf(filter: OrderFilter): { state?: OrderState } {
  const state = STATES[filter];
  return state === undefined ? {} : { state };
}

/** The newest page, and behind it what was shown before and is older than its last order. */
export function merged(
  newest: readonly ShopOrder[],
  shown: readonly ShopOrder[],
  last: ShopOrder | null | undefined,
): ShopOrder[] {
  if (!last) return [...newest];
  const place = shown.findIndex((each) => each.order_id === last.order_id);
  const known = new Set(newest.map((each) => each.order_id));
  // Where the last one was not shown, a whole page came at once, and what lies between is asked for anew.
  return place < 0 ? [...newest] : [...newest, ...shown.slice(place + 1).filter((each) => !known.has(each.order_id))];
}
