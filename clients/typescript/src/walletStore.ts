/** What a wallet must not forget, and where it is kept. */

import type { KeptPayment } from "./payment.js";
import type { KeptCoin } from "./purse.js";

/** A refund that this wallet offered to the payer of an order, as its home answered. */
export interface KeptOffer {
  readonly refundId: string;
  readonly orderId: string;
  readonly amountFen: number;
}

/** Everything that a wallet must not forget, as JSON. */
export interface WalletState {
  readonly home: number;
  readonly nextLockIndex: number;
  readonly coins: readonly KeptCoin[];
  readonly payments: readonly KeptPayment[];
  /** Of a shop, oldest first; states of before there were any have none. */
  readonly offers?: readonly KeptOffer[];
}

/** Where a wallet keeps its state: a file, IndexedDB, memory. `save` returns once it is durable, or else throws. */
export interface WalletStore {
  load(): Promise<WalletState | null>;
  save(state: WalletState): Promise<void>;
  /** Of a store that several programs or tabs use: do it while none of the others does anything. */
  exclusively?<T>(work: () => Promise<T>): Promise<T>;
  /** Of such a store: hear of each state that another one saves; returns how to hear no more. */
  watch?(heard: () => void): () => void;
}

export class MemoryStore implements WalletStore {
  #state: WalletState | null = null;

  async load(): Promise<WalletState | null> {
    return this.#state;
  }

  async save(state: WalletState): Promise<void> {
    this.#state = structuredClone(state);
  }
}
