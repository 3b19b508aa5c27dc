/** Giving money back for one order, in the way that its payer was shown. */

import type { Refund, ShopOrder } from "@tongbao/client";
import type { OwnerDesk } from "./app.svelte";

const KEPT = "tongbao.shop.refund.";

export class Refunding {
  offers = $state.raw<readonly Refund[]>([]);
  busy = $state(false);
  error = $state.raw<unknown>(null);

  /** What payers are asked about, or have accepted and are owed. */
  get promisedFen(): number {
    const open = this.offers.filter((each) => each.state === "offered" || each.state === "accepted");
    return open.reduce((sum, each) => sum + each.amount_fen, 0);
  }

  constructor(
    private readonly open: OwnerDesk,
    private readonly orderId: string,
  ) {}

  /** Ask how the offers of this order stand. */
  async look(): Promise<void> {
    await this.#try(async () => {
      const all = await this.open.wallet.refunds.offered();
      this.offers = all.filter((each) => each.order_id === this.orderId);
    });
  }

  /**
   * Give back at once, or ask the payer where the order's policy says so. A refund has one number until it is known to
   * be done, also over a reload: it goes out once, however often its button is pressed.
   */
  async give(order: ShopOrder, amountFen: number, reason: string): Promise<boolean> {
    const number = numberOf(this.orderId, amountFen);
    const asks = order.refund_policy?.answer_within_s != null;
    const isDone = await this.#try(async () => {
      const { wallet } = this.open;
      if (asks) await wallet.refunds.offer(this.orderId, amountFen, number, reason);
      else {
        await wallet.sync(); // hears of the coins that came
        await wallet.refund(this.orderId, amountFen, number);
      }
      forgetNumber(this.orderId, amountFen);
    });
    if (isDone && asks) await this.look();
    return isDone;
  }

  async withdraw(refund: Refund): Promise<void> {
    await this.#try(async () => void (await this.open.wallet.refunds.withdraw(refund)));
    await this.look();
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.error = error;
      return false;
    } finally {
      this.busy = false;
    }
  }
}

function numberOf(orderId: string, amountFen: number): string {
  const name = `${KEPT}${orderId}.${amountFen}`;
  const kept = localStorage.getItem(name);
  if (kept !== null) return kept;
  const made = crypto.randomUUID();
  localStorage.setItem(name, made);
  return made;
}

function forgetNumber(orderId: string, amountFen: number): void {
  localStorage.removeItem(`${KEPT}${orderId}.${amountFen}`);
}
