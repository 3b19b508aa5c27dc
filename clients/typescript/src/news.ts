/** What a wallet tells those who watch it, so that a page shows what is so and not what it has asked for. */

import type { TongbaoError } from "./errors.js";
import type { KeptPayment } from "./payment.js";

/**
 * How far a payment is.
 *
 *     signed -> settled                 proven by the registration centre's receipt
 *     signed -> inDoubt -> settled      no answer yet, or none that says how it ended; asking again sends the same bytes
 *     signed -> refused -> ...          a rule says no for now; the same bytes may settle until they expire
 *     ...    -> never                   proven that it never settles: the coins are free again
 */
export type PaymentStage = "signed" | "settled" | "refused" | "inDoubt" | "never";

export interface PaymentNews {
  readonly what: "payment";
  readonly payment: KeptPayment;
  readonly stage: PaymentStage;
  /** Why it is refused or in doubt. */
  readonly error: TongbaoError | null;
}

export interface BalanceNews {
  readonly what: "balance";
  readonly balanceFen: number;
}

export type WalletNews = PaymentNews | BalanceNews;

export class NewsDesk {
  readonly #readers = new Set<(news: WalletNews) => void>();
  readonly #stages = new Map<string, PaymentNews>();
  #balanceFen: number | null = null;

  /** Hear of everything from now on; returns how to hear no more. */
  subscribe(reader: (news: WalletNews) => void): () => void {
    this.#readers.add(reader);
    return () => void this.#readers.delete(reader);
  }

  payment(payment: KeptPayment, stage: PaymentStage, error: TongbaoError | null = null): void {
    const news = { what: "payment", payment, stage, error } as const;
    this.#stages.set(payment.transactionId, news);
    this.#tell(news);
  }

  /** Told only where it is another than was told last. */
  balance(balanceFen: number): void {
    if (balanceFen === this.#balanceFen) return;
    this.#balanceFen = balanceFen;
    this.#tell({ what: "balance", balanceFen });
  }

  /** What was told of the payment last; of one that an earlier page signed, what the store says. */
  latest(payment: KeptPayment): PaymentNews {
    const told = this.#stages.get(payment.transactionId);
    if (told?.payment.state === payment.state) return told;
    const stage = payment.state === "signed" ? "inDoubt" : payment.state;
    return { what: "payment", payment, stage, error: null };
  }

  #tell(news: WalletNews): void {
    for (const reader of [...this.#readers]) reader(news);
  }
}
