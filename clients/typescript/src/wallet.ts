/**
 * A wallet: it keeps keys, signs, remembers what it signed, and recovers from its phrase.
 *
 * Whatever is signed is kept before anybody sees it. After any interruption `resume` sends the same bytes again, so that
 * nothing is ever paid twice.
 */

import type { components } from "./api/institution.js";
import { Address } from "./address.js";
import { toHex } from "./bytes.js";
import { CentreKeys } from "./centreKeys.js";
import { ProblemError, TongbaoError } from "./errors.js";
import type { Genesis } from "./genesis.js";
import type { WalletKeys } from "./keys.js";
import { listingOf } from "./listing.js";
import { LockBook } from "./lockBook.js";
import { type Intent, type KeptPayment, type Preparation, checkPreparation, signPayment } from "./payment.js";
import { type Naming, type PayeeName, demandNamed, payeeAt } from "./payees.js";
import { PocketShelf } from "./pocketShelf.js";
import { TakingOut } from "./pocketTaking.js";
import { Pockets } from "./pockets.js";
import { choose } from "./purse.js";
import { Refunds } from "./refunds.js";
import { PATIENCE, type Patience, SignedClient } from "./signedClient.js";
import type { WalletState, WalletStore } from "./walletStore.js";

type Schemas = components["schemas"];
export type Account = Schemas["WalletAccount"];
export type Order = Schemas["Order"];
export type History = Schemas["HistoryPage"];
type WalletCoin = Schemas["WalletCoin"];
type Payment = Schemas["Payment"];
type Exchange = Schemas["Exchange"];

const STOCK_LOCKS = 64;
const STOCK_LOCKS_LOW = 16;
export interface WalletSetting {
  readonly genesis: Genesis;
  readonly home: number;
  readonly homeUrl: string;
  readonly centreUrl: string;
  readonly patience?: Patience;
}

export interface Opening {
  readonly holderName: string;
  readonly walletClass: "I" | "II" | "III" | "IV";
  readonly kind?: "personal" | "corporate";
}

export class Wallet {
  readonly walletId: string;
  readonly address: string;
  readonly #home: SignedClient;
  readonly #asKey: SignedClient;
  readonly #centreKeys: CentreKeys;
  #state: WalletState;
  readonly #locks: LockBook;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly keys: WalletKeys,
    private readonly setting: WalletSetting,
    private readonly store: WalletStore,
  ) {
    const patience = setting.patience ?? PATIENCE;
    const signing = (keyId: string): SignedClient =>
      new SignedClient(setting.homeUrl, { keyId, sign: (message) => keys.main.sign(message) }, patience);
    this.walletId = toHex(keys.walletId);
    this.address = new Address(setting.home, keys.walletId, setting.genesis.testNetwork).toString();
    this.#home = signing(`wallet:${this.walletId}`);
    this.#asKey = signing(`key:${toHex(keys.main.publicKey)}`);
    this.#centreKeys = new CentreKeys(new SignedClient(setting.centreUrl, null, patience), setting.genesis);
    this.refunds = new Refunds(this.#home, (refund) =>
      this.#pay({
        name: `refund ${refund.order_id} ${refund.refund_id}`,
        payee: { refund_id: refund.refund_id },
        amountFen: refund.amount_fen,
        payeeHome: null,
        payeeWalletId: null,
      }),
    );
    this.pockets = this.#makePockets();
    this.#locks = new LockBook(keys, setting.home);
    this.#state = { home: setting.home, nextLockIndex: 0, coins: [], payments: [] };
  }

  // --- life ---------------------------------------------------------------------------------------------------------

  /** Go on from what the store kept; false for a wallet that was not opened on this machine. */
  async start(): Promise<boolean> {
    const kept = await this.store.load();
    if (kept === null) return false;
    if (kept.home !== this.setting.home) {
      throw new TongbaoError(`the wallet belongs to home ${kept.home}`, "WRONG_HOME", "home", "use it with its home");
    }
    this.#state = kept;
    this.#locks.derive(0, kept.nextLockIndex);
    return true;
  }

  /** Open the wallet at its home with a first stock of locks; opened already, it is described. */
  open(opening: Opening): Promise<Account> {
    return this.#inTurn(async () => {
      const lockIds = this.#locks.derive(0, STOCK_LOCKS);
      await this.#save({ nextLockIndex: Math.max(STOCK_LOCKS, this.#state.nextLockIndex) });
      const request = {
        holder_name: opening.holderName,
        wallet_class: opening.walletClass,
        kind: opening.kind ?? "personal",
        locks: lockIds,
        locks_signature: this.#locks.stockSignature(lockIds),
      };
      return this.#asKey.post<Account>("/v1/wallets", request, `open-${this.walletId}`);
    });
  }

  /** Make a wallet that is open at its home again from its keys alone; returns its balance in fen. */
  recover(): Promise<number> {
    return this.#inTurn(async () => {
      await this.account();
      const known = this.#state.nextLockIndex;
      this.#locks.derive(0, known);
      await this.#save({ coins: [] });
      const found = await listingOf(this.#home, this.walletId);
      // The home may hold locks of a stock that nobody was paid on yet: none of them is used again, for change or stock.
      await this.#save({ nextLockIndex: this.#locks.deriveBehind(found, known) });
      await this.#takeIn(found);
      return this.balanceFen;
    });
  }

  /** Bring what was signed and not answered to its end, by the same bytes; returns what settled now. */
  async resume(): Promise<KeptPayment[]> {
    return this.#inTurn(async () => {
      const settled: KeptPayment[] = [];
      for (const payment of this.#state.payments.filter((each) => each.state === "signed")) {
        try {
          const ended = await this.#conclude(payment);
          if (ended?.state === "settled") settled.push(ended);
        } catch (error) {
          // It stays open, and whoever asks for it by name hears why; the others do not wait for it.
          if (!(error instanceof TongbaoError)) throw error;
        }
      }
      return settled;
    });
  }

  // --- what it has --------------------------------------------------------------------------------------------------

  get balanceFen(): number {
    return this.#state.coins.reduce((sum, coin) => sum + coin.valueFen, 0);
  }

  get payments(): readonly KeptPayment[] {
    return this.#state.payments;
  }

  account = (): Promise<Account> => this.#home.get<Account>(this.#path(""));

  /** What happened, newest first, as the home tells it. */
  history = (after = "", limit = 50): Promise<History> =>
    this.#home.get<History>(this.#path("/history"), { after, limit: String(limit) });

  /** Compare with the home's listing: coins that came are taken in, and those that are gone let go. */
  async sync(): Promise<number> {
    return this.#inTurn(async () => {
      const open = new Set(this.#state.payments.filter((each) => each.state === "signed").flatMap((each) => each.coinIds));
      const found = await listingOf(this.#home, this.walletId);
      const listed = new Set(found.map((each) => each.coin.coin_id));
      const coins = this.#state.coins.filter((coin) => listed.has(coin.coinId) || open.has(coin.coinId));
      await this.#save({ coins });
      await this.#takeIn(found);
      return this.balanceFen;
    });
  }

  /** Hand over more locks where the home has few left. */
  refill(): Promise<Account> {
    return this.#inTurn(async () => {
      const account = await this.account();
      if (account.locks_left >= STOCK_LOCKS_LOW) return account;
      const first = this.#state.nextLockIndex;
      const lockIds = this.#locks.derive(first, STOCK_LOCKS);
      await this.#save({ nextLockIndex: first + STOCK_LOCKS });
      const request = { lock_ids: lockIds, signature: this.#locks.stockSignature(lockIds) };
      return this.#home.post<Account>(this.#path("/locks"), request, `locks-${this.walletId}-${first}-${STOCK_LOCKS}`);
    });
  }

  // --- deposit and coins --------------------------------------------------------------------------------------------

  /** Turn deposit into coins, 1:1; the same request id is the same exchange. */
  async exchange(amountFen: number, requestId: string = crypto.randomUUID()): Promise<Exchange> {
    const exchange = await this.#home.post<Exchange>(this.#path("/exchanges"), { amount_fen: amountFen }, requestId);
    if (exchange.state === "settled") await this.#inTurn(() => this.#takeIn(exchange.coins));
    return exchange;
  }

  /** Turn coins into deposit. */
  deposit(amountFen: number, requestId: string = crypto.randomUUID()): Promise<KeptPayment> {
    const payee = { deposit: true };
    const name = `deposit ${requestId}`;
    return this.#pay({ name, payee, amountFen, payeeHome: this.setting.home, payeeWalletId: null });
  }

  // --- paying and asking for money ----------------------------------------------------------------------------------

  /** An order at whichever home, for its holder to look at before paying. */
  order = (orderId: string, home: number = this.setting.home): Promise<Order> =>
    this.#home.get<Order>(`/v1/homes/${home}/orders/${encodeURIComponent(orderId)}`);

  /** Pay just this order; however often it is called, at most one payment settles. */
  payOrder(order: Order): Promise<KeptPayment> {
    return this.#pay({
      name: `order ${order.home} ${order.order_id}`,
      payee: { order_id: order.order_id, home: order.home },
      amountFen: order.amount_fen,
      payeeHome: order.home,
      payeeWalletId: order.merchant_wallet_id,
    });
  }

  /** The masked name of whoever is paid at the address; with `name` also whether it is his. */
  payee = (address: string, name = ""): Promise<PayeeName> => payeeAt(this.#home, address, name);

  /**
   * Pay a person; the same request id is the same payment. With `naming` the payee's name is looked up first, and
   * nothing is signed where it is another than the one that is expected, or where the holder does not agree.
   */
  async payPerson(
    address: string,
    amountFen: number,
    requestId: string = crypto.randomUUID(),
    naming: Naming | null = null,
  ): Promise<KeptPayment> {
    const payee = Address.parse(address);
    if (payee.testNetwork !== this.setting.genesis.testNetwork) {
      throw new TongbaoError("the address is of another network", "WRONG_NETWORK", "address", "ask for another");
    }
    if (naming !== null) await demandNamed(await this.payee(address, naming.payeeName ?? ""), naming);
    return this.#pay({
      name: `person ${address} ${requestId}`,
      payee: { address: payee.toString() },
      amountFen,
      payeeHome: payee.home,
      payeeWalletId: toHex(payee.walletId),
    });
  }

  /** Return all or part of what was paid for an order of this merchant. */
  refund(orderId: string, amountFen: number, requestId: string = crypto.randomUUID()): Promise<KeptPayment> {
    const name = `refund ${orderId} ${requestId}`;
    return this.#pay({ name, payee: { refund_of: orderId }, amountFen, payeeHome: null, payeeWalletId: null });
  }

  /** Refunds of which the payer is asked, on both sides. */
  readonly refunds: Refunds;

  /** Money aside that another wallet can open, too. */
  readonly pockets: Pockets;

  /** Take orders under a shop's name from now on. */
  registerMerchant = (name: string, category = "5999"): Promise<Schemas["Merchant"]> =>
    this.#home.post<Schemas["Merchant"]>("/v1/merchants", { name, category }, crypto.randomUUID());

  /** Ask for money; the same number with the same content is the same order. */
  createOrder(amountFen: number, orderNumber: string, description = "", expiresInS = 900): Promise<Order> {
    const request = { amount_fen: amountFen, order_number: orderNumber, description, expires_in_s: expiresInS };
    return this.#home.post<Order>("/v1/orders", request, crypto.randomUUID());
  }

  // --- one payment --------------------------------------------------------------------------------------------------

  #pay(intent: Intent): Promise<KeptPayment> {
    return this.#inTurn(async () => {
      const earlier = this.#state.payments.filter((each) => each.name === intent.name && each.state !== "never");
      for (const payment of earlier) {
        if (payment.amountFen !== intent.amountFen) {
          throw new TongbaoError("this was asked for before with another amount", "REQUEST_REUSED", "amount_fen");
        }
        const ended = payment.state === "settled" ? payment : await this.#conclude(payment);
        if (ended?.state === "settled") return ended;
        if (ended === null) throw inDoubt(payment);
      }
      return this.#payAnew(intent);
    });
  }

  async #payAnew(intent: Intent): Promise<KeptPayment> {
    const promised = new Set(this.#state.payments.filter((each) => each.state === "signed").flatMap((each) => each.coinIds));
    const free = this.#state.coins.filter((coin) => !promised.has(coin.coinId));
    const coins = choose(free, intent.amountFen, this.setting.genesis.inputsMax);
    const anchor = coins[0]?.coinId ?? "";
    const request = { payee: intent.payee, amount_fen: intent.amountFen, anchor };
    const preparation = await this.#home.post<Preparation>("/v1/payments/prepare", request, crypto.randomUUID());
    checkPreparation(preparation, intent, anchor, this.setting.home, this.setting.genesis);
    const changeIndex = this.#state.nextLockIndex;
    const signed = signPayment(preparation, intent, coins, this.setting.home, this.keys, changeIndex);
    this.#locks.derive(changeIndex, 1);
    await this.#save({ payments: [...this.#state.payments, signed], nextLockIndex: changeIndex + 1 });
    const ended = await this.#conclude(signed);
    if (ended === null) throw inDoubt(signed);
    if (ended.state === "never") throw new TongbaoError("it never settled", "ABSENT", "", "pay again");
    return ended;
  }

  /** How a signed payment ended; null while nobody can say. A refusal is thrown, and may settle until it expires. */
  async #conclude(payment: KeptPayment): Promise<KeptPayment | null> {
    const request = { payment_id: payment.paymentId, transaction: payment.transaction };
    let answer: Payment | null = null;
    try {
      // Each call is a new request to the home; the transaction inside is the same, and settles once.
      answer = await this.#home.post<Payment>("/v1/payments", request, crypto.randomUUID());
    } catch (error) {
      if (!(error instanceof ProblemError) || !(await this.#isAbsent(payment))) throw error;
      return this.#close({ ...payment, state: "never" });
    }
    if (answer.state === "settled") return this.#settle(payment, answer.receipt ?? null);
    if (await this.#isAbsent(payment)) return this.#close({ ...payment, state: "never" });
    return null;
  }

  async #settle(payment: KeptPayment, receipt: string | null): Promise<KeptPayment> {
    await this.#centreKeys.demandSettled(receipt, payment.transactionId);
    return this.#close({ ...payment, state: "settled", receipt });
  }

  async #close(ended: KeptPayment): Promise<KeptPayment> {
    const payments = this.#state.payments.map((each) => (each.transactionId === ended.transactionId ? ended : each));
    let coins = this.#state.coins;
    if (ended.state === "settled") {
      coins = coins.filter((coin) => !ended.coinIds.includes(coin.coinId));
      if (ended.change !== null && !coins.some((coin) => coin.coinId === ended.change?.coinId)) {
        coins = [...coins, ended.change];
      }
    }
    await this.#save({ payments, coins });
    return ended;
  }

  #isAbsent = (payment: KeptPayment): Promise<boolean> =>
    this.#centreKeys.provesAbsence(payment.transactionId, payment.expiryMs);

  // --- coins and locks ----------------------------------------------------------------------------------------------

  /** Keep the coins that are new and whose locks are this wallet's. */
  async #takeIn(found: readonly WalletCoin[]): Promise<void> {
    // Another machine with the same phrase may have made locks that this one has not.
    const first = this.#state.nextLockIndex;
    const next = this.#locks.deriveAsFarAs(found, first);
    if (next > first) await this.#save({ nextLockIndex: next });
    const spent = new Set(
      this.#state.payments.filter((each) => each.state === "settled").flatMap((each) => each.coinIds),
    );
    const known = new Set(this.#state.coins.map((coin) => coin.coinId));
    const fresh = found
      .filter(({ coin }) => !known.has(coin.coin_id) && !spent.has(coin.coin_id))
      .map((each) => this.#locks.kept(each))
      .filter((coin) => coin !== null);
    if (fresh.length) await this.#save({ coins: [...this.#state.coins, ...fresh] });
  }

  // --- pockets ------------------------------------------------------------------------------------------------------

  #makePockets(): Pockets {
    const shelf = new PocketShelf(this.keys, this.#home);
    return new Pockets(
      this.keys,
      this.#home,
      shelf,
      new TakingOut(this.keys, shelf, this.#home, this.setting.home, this.#centreKeys),
      {
        address: Address.parse(this.address),
        timeMs: async () => (await this.account()).time_ms,
        pay: (intent) => this.#pay(intent),
        sync: () => this.sync(),
      },
    );
  }

  // --- one thing after another --------------------------------------------------------------------------------------

  #path(rest: string): string {
    return `/v1/wallets/${this.walletId}${rest}`;
  }

  async #save(changed: Partial<WalletState>): Promise<void> {
    const state = { ...this.#state, ...changed };
    await this.store.save(state);
    this.#state = state;
  }

  /** Do it once everything before is done: none may choose another's coins, or keep a state that lacks what it did. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(work, work);
    this.#busy = done.catch(() => undefined);
    return done;
  }
}

function inDoubt(payment: KeptPayment): TongbaoError {
  return new TongbaoError(
    `the payment of ${payment.amountFen} fen may or may not have happened`,
    "IN_DOUBT",
    "",
    "ask again: the same signed bytes are sent, so that it is never paid twice",
  );
}
