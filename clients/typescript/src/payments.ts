/**
 * Paying: whatever is signed is kept before anybody sees it. After any interruption the same bytes are sent again, so
 * that nothing is ever paid twice.
 */

import type { components } from "./api/institution.js";
import { toHex } from "./bytes.js";
import type { CentreKeys } from "./centreKeys.js";
import { ProblemError, TongbaoError } from "./errors.js";
import type { Genesis } from "./genesis.js";
import type { Holdings } from "./holdings.js";
import type { Keyring } from "./keyring.js";
import type { NewsDesk } from "./news.js";
import {
  type Intent,
  type KeptPayment,
  type Preparation,
  changeFenOf,
  checkPreparation,
  signPayment,
} from "./payment.js";
import { COINS_TOO_SMALL, type KeptCoin, choose, largest } from "./purse.js";
import type { SignedClient } from "./signedClient.js";

type Account = components["schemas"]["WalletAccount"];
type Payment = components["schemas"]["Payment"];

/** Merges for one payment: sixteen thousand coins, and half a minute. */
const MERGES_MAX = 64;

/** Of a server that wants to be asked later: that says nothing of the payment. */
const TOO_MANY = 429;

export class Payments {
  #resuming: Promise<KeptPayment[]> | null = null;

  constructor(
    private readonly keys: Keyring,
    private readonly homeNumber: number,
    private readonly genesis: Genesis,
    private readonly home: SignedClient,
    private readonly centreKeys: CentreKeys,
    private readonly holdings: Holdings,
    private readonly news: NewsDesk,
  ) {}

  /** Pay it once, however often it is asked for under this name. */
  pay(intent: Intent): Promise<KeptPayment> {
    return this.holdings.inTurn(async () => {
      const earlier = this.holdings.state.payments.filter((each) => each.name === intent.name && each.state !== "never");
      for (const payment of earlier) {
        if (payment.amountFen !== intent.amountFen) {
          throw new TongbaoError("this was asked for before with another amount", "REQUEST_REUSED", "amount_fen");
        }
        const ended = payment.state === "settled" ? payment : await this.#conclude(payment);
        if (ended?.state === "settled") return ended;
        if (ended === null) throw inDoubt(payment);
      }
      try {
        return await this.#payAnew(intent);
      } catch (error) {
        if (!(error instanceof TongbaoError) || error.code !== COINS_TOO_SMALL) throw error;
        await this.#makePayable(intent.amountFen);
        return this.#payAnew(intent);
      }
    });
  }

  /**
   * Move coins of the wallet under fresh locks of its own: that is no payment, and no limit counts it. What is more than
   * one transaction may spend is moved in as many as it takes.
   */
  async moveOwn(which: (coin: KeptCoin) => boolean, timeMs: number): Promise<void> {
    await this.holdings.inTurn(async () => {
      const coins = this.holdings.free.filter(which);
      const { inputsMax } = this.genesis;
      for (let place = 0; place < coins.length; place += inputsMax) {
        await this.#moveUnderOneLock(coins.slice(place, place + inputsMax), timeMs);
      }
    });
  }

  /** Merge the largest coins until one payment can spend so much, or all of them are one. */
  async #makePayable(amountFen: number): Promise<void> {
    const { inputsMax } = this.genesis;
    const { time_ms: timeMs } = await this.home.get<Account>(`/v1/wallets/${toHex(this.keys.walletId)}`);
    for (let merges = 0; merges < MERGES_MAX; merges++) {
      const coins = largest(this.holdings.free, inputsMax);
      if (coins.length <= 1 || changeFenOf(coins, 0) >= amountFen) return;
      await this.#moveUnderOneLock(coins, timeMs);
    }
  }

  async #moveUnderOneLock(coins: readonly KeptCoin[], timeMs: number): Promise<void> {
    const { lock, taken } = await this.#changeLock(timeMs);
    await this.holdings.save(taken);
    await this.#payAnew({
      name: `own ${lock.index} ${coins[0]?.coinId}`,
      payee: { own_lock: toHex(lock.lockId) },
      amountFen: changeFenOf(coins, 0),
      payeeHome: this.homeNumber,
      payeeWalletId: toHex(this.keys.walletId),
      own: { coins, lock },
    });
  }

  /** Bring what was signed and not answered to its end, by the same bytes; returns what settled now. */
  resume(): Promise<KeptPayment[]> {
    this.#resuming ??= this.#resumeAll().finally(() => {
      this.#resuming = null;
    });
    return this.#resuming;
  }

  async #resumeAll(): Promise<KeptPayment[]> {
    const settled: KeptPayment[] = [];
    for (const { transactionId } of this.holdings.open) {
      const ended = await this.holdings.inTurn(() => this.#resumeOne(transactionId));
      if (ended?.state === "settled") settled.push(ended);
    }
    return settled;
  }

  /** How it ended; null where it is still open, or another turn has ended it. */
  async #resumeOne(transactionId: string): Promise<KeptPayment | null> {
    const payment = this.holdings.open.find((each) => each.transactionId === transactionId);
    try {
      return payment === undefined ? null : await this.#conclude(payment);
    } catch (error) {
      // It stays open, and whoever asks for it by name hears why; the others do not wait for it.
      if (!(error instanceof TongbaoError)) throw error;
      return null;
    }
  }

  async #payAnew(intent: Intent): Promise<KeptPayment> {
    const coins = intent.own?.coins ?? choose(this.holdings.free, intent.amountFen, this.genesis.inputsMax);
    const anchor = coins[0]?.coinId ?? "";
    const request = { payee: intent.payee, amount_fen: intent.amountFen, anchor };
    const preparation = await this.home.post<Preparation>("/v1/payments/prepare", request, crypto.randomUUID());
    checkPreparation(preparation, intent, anchor, this.homeNumber, this.genesis);
    this.centreKeys.time.demandNotAhead(preparation.time_ms);
    const returnsFen = changeFenOf(coins, preparation.amount_fen);
    const change = returnsFen > 0 ? await this.#changeLock(preparation.time_ms) : null;
    const signed = await signPayment(preparation, intent, coins, this.homeNumber, this.keys, change?.lock ?? null);
    await this.holdings.save({ ...change?.taken, payments: [...this.holdings.state.payments, signed] });
    this.news.payment(signed, "signed");
    const ended = await this.#conclude(signed);
    if (ended === null) throw inDoubt(signed);
    if (ended.state === "never") throw new TongbaoError("it never settled", "ABSENT", "", "pay again");
    return ended;
  }

  /** A lock with a time in it is made for one that can be now. */
  #changeLock(timeMs: number): ReturnType<Holdings["changeLock"]> {
    return this.holdings.changeLock(this.keys.guard ? this.centreKeys.time.demandNow(timeMs) : timeMs);
  }

  /** How a signed payment ended; null while nobody can say. A refusal is thrown, and may settle until it expires. */
  async #conclude(payment: KeptPayment): Promise<KeptPayment | null> {
    try {
      const ended = await this.#asked(payment);
      this.#tell(ended ?? payment, ended === null ? inDoubt(payment) : null);
      return ended;
    } catch (error) {
      if (error instanceof TongbaoError) this.#tell(payment, error);
      throw error;
    }
  }

  #tell(payment: KeptPayment, error: TongbaoError | null): void {
    const refused = error instanceof ProblemError && error.status < 500 && error.status !== TOO_MANY;
    this.news.payment(payment, error === null ? payment.state : refused ? "refused" : "inDoubt", error);
  }

  async #asked(payment: KeptPayment): Promise<KeptPayment | null> {
    const request = { payment_id: payment.paymentId, transaction: payment.transaction };
    let answer: Payment;
    try {
      // Each call is a new request to the home; the transaction inside is the same, and settles once.
      answer = await this.home.post<Payment>("/v1/payments", request, crypto.randomUUID());
    } catch (error) {
      if (!(error instanceof ProblemError) || !(await this.#isAbsent(payment))) throw error;
      return this.holdings.close({ ...payment, state: "never" });
    }
    if (answer.state === "settled") return this.#settle(payment, answer.receipt ?? null);
    if (await this.#isAbsent(payment)) return this.holdings.close({ ...payment, state: "never" });
    return null;
  }

  async #settle(payment: KeptPayment, receipt: string | null): Promise<KeptPayment> {
    await this.centreKeys.demandSettled(receipt, payment.transactionId);
    return this.holdings.close({ ...payment, state: "settled", receipt });
  }

  #isAbsent = (payment: KeptPayment): Promise<boolean> =>
    this.centreKeys.provesAbsence(payment.transactionId, payment.expiryMs);
}

function inDoubt(payment: KeptPayment): TongbaoError {
  return new TongbaoError(
    `the payment of ${payment.amountFen} fen may or may not have happened`,
    "IN_DOUBT",
    "",
    "ask again: the same signed bytes are sent, so that it is never paid twice",
  );
}
