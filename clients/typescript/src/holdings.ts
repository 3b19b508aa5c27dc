/** What a wallet holds and has signed: its state, changed by one at a time and kept before anybody sees what follows. */

import type { components } from "./api/institution.js";
import { TongbaoError } from "./errors.js";
import { listingOf } from "./listing.js";
import type { Keyring } from "./keyring.js";
import type { LockBook } from "./lockBook.js";
import type { NewsDesk } from "./news.js";
import type { ChangeLock, KeptPayment } from "./payment.js";
import type { KeptCoin } from "./purse.js";
import type { SignedClient } from "./signedClient.js";
import type { KeptOffer, WalletState, WalletStore } from "./walletStore.js";

type WalletCoin = components["schemas"]["WalletCoin"];

/** A year of a shop that gives back three times a day; what was offered before then is paid with one more tap. */
const OFFERS_KEPT_MAX = 1_024;

export class Holdings {
  #state: WalletState;
  #derivedTo = 0;
  #elsewhereFen = 0;
  #turns: Promise<unknown> = Promise.resolve();
  #turnsOpen = 0;

  constructor(
    private readonly home: number,
    private readonly keys: Keyring,
    private readonly locks: LockBook,
    private readonly store: WalletStore,
    private readonly news: NewsDesk,
  ) {
    this.#state = { home, nextLockIndex: 0, coins: [], payments: [] };
  }

  get state(): WalletState {
    return this.#state;
  }

  get balanceFen(): number {
    return this.#state.coins.reduce((sum, coin) => sum + coin.valueFen, 0);
  }

  /** What the home listed last for this wallet under locks that are not known here. */
  get elsewhereFen(): number {
    return this.#elsewhereFen;
  }

  get freshLocks(): number {
    return this.locks.freshFrom(this.#state.nextLockIndex);
  }

  /** Payments that were signed and whose end is not known. */
  get open(): KeptPayment[] {
    return this.#state.payments.filter((each) => each.state === "signed");
  }

  /** Coins that no open payment spends, and that open to this keyring now. */
  get free(): KeptCoin[] {
    const promised = new Set(this.open.flatMap((each) => each.coinIds));
    const now = Date.now();
    return this.#state.coins.filter((coin) => !promised.has(coin.coinId) && this.opensAtMs(coin) <= now);
  }

  /** The ledger time from which the coin can be spent here; 0 for any time. */
  opensAtMs(coin: KeptCoin): number {
    return coin.lockIndex === null ? 0 : (this.keys.opensAtMs?.(coin.lockIndex) ?? 0);
  }

  // --- state --------------------------------------------------------------------------------------------------------

  /** Go on from what the store kept; false where it kept nothing. */
  async load(): Promise<boolean> {
    const kept = await this.store.load();
    if (kept === null) return false;
    await this.#takeOver(kept);
    return true;
  }

  async #takeOver(kept: WalletState): Promise<void> {
    if (kept.home !== this.home) {
      throw new TongbaoError(`the wallet belongs to home ${kept.home}`, "WRONG_HOME", "home", "use it with its home");
    }
    this.#state = kept;
    this.news.balance(this.balanceFen);
    await this.knowLocks(kept.nextLockIndex);
  }

  /** Take over what another tab saves, from now on. */
  watch(): () => void {
    return (
      this.store.watch?.(() => {
        void this.#look().catch(() => undefined);
      }) ?? ((): void => undefined)
    );
  }

  /** What is shown meanwhile. Whoever has a turn has read the state when it began, and nobody else writes until it ends. */
  async #look(): Promise<void> {
    await this.keys.refresh?.();
    const kept = await this.store.load();
    if (kept !== null && this.#turnsOpen === 0) await this.#takeOver(kept);
  }

  /** Keep it, or else change nothing. */
  async save(changed: Partial<WalletState>): Promise<void> {
    const state = { ...this.#state, ...changed };
    try {
      await this.store.save(state);
    } catch (error) {
      if (error instanceof TongbaoError) throw error;
      throw new TongbaoError(
        `the wallet's state could not be kept: ${String(error)}`,
        "STORE_FAILED",
        "",
        "make room on this device and try again; nothing was sent",
      );
    }
    this.#state = state;
    this.news.balance(this.balanceFen);
  }

  /**
   * Do it once everything before is done: none may choose another's coins, or keep a state that lacks what it did. Where
   * the store is shared, nobody else has a turn meanwhile, and it begins from what the others have kept.
   */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turns.then(() => this.#alone(work));
    this.#turns = done.catch(() => undefined);
    return done;
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    this.#turnsOpen += 1;
    try {
      if (this.store.exclusively === undefined) return await work();
      return await this.store.exclusively(async () => {
        await this.keys.refresh?.();
        await this.load();
        return work();
      });
    } finally {
      this.#turnsOpen -= 1;
    }
  }

  // --- locks --------------------------------------------------------------------------------------------------------

  /** Know every lock before this index. */
  async knowLocks(end: number): Promise<void> {
    if (end <= this.#derivedTo) return;
    await this.locks.derive(this.#derivedTo, end - this.#derivedTo);
    this.#derivedTo = end;
  }

  /** A lock for change or for the wallet's own use at this ledger time, and the state that says that it is taken. */
  async changeLock(timeMs: number): Promise<{ lock: ChangeLock; taken: Partial<WalletState> }> {
    const next = this.#state.nextLockIndex;
    await this.keys.guard?.renew(next, timeMs);
    const lock = await this.locks.forChange(next);
    return { lock, taken: { nextLockIndex: Math.max(next, lock.index + 1) } };
  }

  // --- coins --------------------------------------------------------------------------------------------------------

  /** Compare with the home's listing: coins that came are taken in, and those that are gone let go. */
  async compare(home: SignedClient, walletId: string): Promise<void> {
    const open = new Set(this.open.flatMap((each) => each.coinIds));
    const found = await listingOf(home, walletId);
    const listed = new Set(found.map((each) => each.coin.coin_id));
    const coins = this.#state.coins.filter((coin) => listed.has(coin.coinId) || open.has(coin.coinId));
    if (coins.length < this.#state.coins.length) await this.save({ coins });
    await this.takeIn(found);
    this.#elsewhereFen = sumOf(found.filter((each) => this.locks.isUnknown(each)));
  }

  /** Keep the coins that are new and whose locks are this wallet's. */
  async takeIn(found: readonly WalletCoin[]): Promise<void> {
    // Another machine with the same phrase may have made locks that this one has not.
    const first = this.#state.nextLockIndex;
    const next = await this.locks.deriveAsFarAs(found, first);
    const spent = new Set(
      this.#state.payments.filter((each) => each.state === "settled").flatMap((each) => each.coinIds),
    );
    const known = new Set(this.#state.coins.map((coin) => coin.coinId));
    const fresh = found
      .filter(({ coin }) => !known.has(coin.coin_id) && !spent.has(coin.coin_id))
      .map((each) => this.locks.kept(each))
      .filter((coin) => coin !== null);
    if (fresh.length === 0 && next === first) return;
    await this.save({ coins: [...this.#state.coins, ...fresh], nextLockIndex: next });
    await this.knowLocks(next);
  }

  /** Begin anew from the home's listing, with a gap behind the last lock that was found. */
  async recover(home: SignedClient, walletId: string): Promise<void> {
    const known = this.#state.nextLockIndex;
    await this.knowLocks(known);
    await this.save({ coins: [] });
    const found = await listingOf(home, walletId);
    // The home may hold locks of a stock that nobody was paid on yet: none of them is used again, for change or stock.
    const nextLockIndex = await this.locks.deriveBehind(found, known);
    this.#derivedTo = Math.max(this.#derivedTo, nextLockIndex);
    await this.save({ nextLockIndex });
    await this.takeIn(found);
    this.#elsewhereFen = sumOf(found.filter((each) => this.locks.isUnknown(each)));
  }

  /** Keep what this wallet offered to give back; the same offer again is one. */
  keepOffer(offer: KeptOffer): Promise<void> {
    return this.inTurn(async () => {
      const others = (this.#state.offers ?? []).filter((each) => each.refundId !== offer.refundId);
      await this.save({ offers: [...others, offer].slice(-OFFERS_KEPT_MAX) });
    });
  }

  /** Keep how a payment ended, with the coins that it leaves. */
  async close(ended: KeptPayment): Promise<KeptPayment> {
    const payments = this.#state.payments.map((each) => (each.transactionId === ended.transactionId ? ended : each));
    let coins = this.#state.coins;
    if (ended.state === "settled") {
      coins = coins.filter((coin) => !ended.coinIds.includes(coin.coinId));
      if (ended.change !== null && !coins.some((coin) => coin.coinId === ended.change?.coinId)) {
        coins = [...coins, ended.change];
      }
    }
    await this.save({ payments, coins });
    return ended;
  }
}

function sumOf(found: readonly WalletCoin[]): number {
  return found.reduce((sum, { coin }) => sum + coin.value, 0);
}
