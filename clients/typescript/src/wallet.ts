/**
 * A wallet: it signs with its keys, remembers what it signed, and recovers from its phrase.
 *
 * Whatever is signed is kept before anybody sees it. `start` and `resume` send what was interrupted again, in the same
 * bytes, so that nothing is ever paid twice.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import type { components } from "./api/institution.js";
import { Address } from "./address.js";
import { type Bytes, ascii, toHex } from "./bytes.js";
import { CentreKeys } from "./centreKeys.js";
import { PeerError, TongbaoError } from "./errors.js";
import { type Exchange, exchanged } from "./exchanging.js";
import { CHANGE_LOCKS, type Describer, describeGuard, keysLeftOf, moveOpenToPhrase, moveUnguarded } from "./guarding.js";
import { Holdings } from "./holdings.js";
import type { Keyring } from "./keyring.js";
import { LockBook } from "./lockBook.js";
import { NewsDesk, type PaymentNews, type WalletNews } from "./news.js";
import { type KeptPayment, orderPaymentName, personPaymentName } from "./payment.js";
import { Payments } from "./payments.js";
import { type Naming, type PayeeName, demandNamed, payeeAt } from "./payees.js";
import { PocketShelf } from "./pocketShelf.js";
import { TakingOut } from "./pocketTaking.js";
import { Pockets } from "./pockets.js";
import { type Refund, Refunds } from "./refunds.js";
import type { Signer } from "./signature.js";
import { PATIENCE, SignedClient } from "./signedClient.js";
import type { KeysLeft, Opening, WalletSetting } from "./walletSetting.js";
import type { WalletStore } from "./walletStore.js";

type Schemas = components["schemas"];
export type Account = Schemas["WalletAccount"];
export type Order = Schemas["Order"];
export type History = Schemas["HistoryPage"];

const STOCK_LOCKS = 64;
const STOCK_LOCKS_LOW = 16;
export class Wallet {
  readonly walletId: string;
  readonly address: string;
  /** Its name and signature at its home, for requests that no method here makes: streams, shops. */
  readonly signer: Signer;
  /** Refunds of which the payer is asked, on both sides. */
  readonly refunds: Refunds;
  /** Money aside that another wallet can open, too. */
  readonly pockets: Pockets;
  readonly #home: SignedClient;
  readonly #asKey: SignedClient;
  readonly #describer: Describer;
  readonly #centreKeys: CentreKeys;
  readonly #locks: LockBook;
  readonly #news = new NewsDesk();
  readonly #holdings: Holdings;
  readonly #payments: Payments;
  #stopWatching = (): void => undefined;

  constructor(
    private readonly keys: Keyring,
    private readonly setting: WalletSetting,
    store: WalletStore,
  ) {
    const { genesis, home } = setting;
    const patience = setting.patience ?? PATIENCE;
    const signing = (signer: Signer): SignedClient => new SignedClient(setting.homeUrl, signer, patience);
    const sign = (message: Bytes): Promise<Bytes> => keys.sign(message);
    this.#centreKeys = new CentreKeys(new SignedClient(setting.centreUrl, null, patience), genesis);
    this.walletId = toHex(keys.walletId);
    this.address = new Address(home, keys.walletId, genesis.testNetwork).toString();
    this.signer = { keyId: `wallet:${this.walletId}`, sign };
    this.#home = signing(this.signer);
    this.#asKey = signing({ keyId: `key:${toHex(keys.mainKey.key)}`, sign });
    this.#describer = { keys, home: this.#home, address: this.address };
    this.#locks = new LockBook(keys, home);
    this.#holdings = new Holdings(home, keys, this.#locks, store, this.#news);
    this.#payments = new Payments(keys, home, genesis, this.#home, this.#centreKeys, this.#holdings, this.#news);
    this.refunds = new Refunds(this.#home, this.walletId, {
      offers: () => this.#holdings.state.offers ?? [],
      keep: (offer) => this.#holdings.keepOffer(offer),
      pay: (refund) => this.#payRefund(refund),
    });
    this.pockets = this.#makePockets();
  }

  // --- life ---------------------------------------------------------------------------------------------------------

  /**
   * Go on from what the store kept; false for a wallet that was not opened on this machine. Returns at once: payments
   * that were interrupted are brought to their end meanwhile, and who watches hears how.
   */
  async start(): Promise<boolean> {
    if (!(await this.#holdings.load())) return false;
    this.#stopWatching();
    this.#stopWatching = this.#holdings.watch();
    // What fails stays open: the next start or `resume` asks again.
    void this.resume().catch(() => undefined);
    return true;
  }

  /** Hear no more of what other tabs do. */
  stop(): void {
    this.#stopWatching();
  }

  /** Open the wallet at its home with a first stock of locks; opened already, it is described. */
  async open(opening: Opening): Promise<Account> {
    const opened = await this.#holdings.inTurn(async () => {
      // A passkey's wallet is paid on no lock before its home keeps what opens the lock without the passkey.
      const lockIds = this.keys.guard ? [] : await this.#locks.derive(0, STOCK_LOCKS);
      await this.#holdings.save({ nextLockIndex: Math.max(lockIds.length, this.#holdings.state.nextLockIndex) });
      const request = {
        holder_name: opening.holderName,
        wallet_class: opening.walletClass,
        kind: opening.kind ?? "personal",
        locks: lockIds,
        locks_signature: lockIds.length ? await this.#locks.stockSignature(lockIds) : "",
      };
      // The same content is the same request, also after a restart; a name that was corrected is another one.
      return this.#asKey.post<Account>("/v1/wallets", request, toHex(sha256(ascii(JSON.stringify(request)))));
    });
    return this.keys.guard ? this.refill() : opened;
  }

  /** Make a wallet that is open at its home again from its keys alone; returns its balance in fen. */
  recover(): Promise<number> {
    return this.#holdings.inTurn(async () => {
      await this.account();
      await this.#holdings.recover(this.#home, this.walletId);
      return this.balanceFen;
    });
  }

  /** Bring what was signed and not answered to its end, by the same bytes; returns what settled now. */
  resume = (): Promise<KeptPayment[]> => this.#payments.resume();

  // --- watching -----------------------------------------------------------------------------------------------------

  /** Hear of each stage of each payment and of each new balance, also of other tabs'; returns how to hear no more. */
  subscribe = (reader: (news: WalletNews) => void): (() => void) => this.#news.subscribe(reader);

  /** How far a payment is, and why it is not further. */
  stageOf = (payment: KeptPayment): PaymentNews => this.#news.latest(payment);

  // --- what it has --------------------------------------------------------------------------------------------------

  get balanceFen(): number {
    return this.#holdings.balanceFen;
  }

  /** Everything that was signed here, oldest first. */
  get payments(): readonly KeptPayment[] {
    return this.#holdings.state.payments;
  }

  get keysLeft(): KeysLeft {
    return keysLeftOf(this.#holdings, this.keys);
  }

  account = (): Promise<Account> => this.#home.get<Account>(this.#path(""));

  /** What happened, newest first, as the home tells it. */
  history = (after = "", limit = 50): Promise<History> =>
    this.#home.get<History>(this.#path("/history"), { after, limit: String(limit) });

  /** Compare with the home's listing: coins that came are taken in, and those that are gone let go. */
  async sync(): Promise<number> {
    await this.#holdings.inTurn(() => this.#holdings.compare(this.#home, this.walletId));
    if (this.keysLeft.unguardedFen > 0) await moveUnguarded(this.#payments, () => this.refill());
    return this.balanceFen;
  }

  /** Of a passkey's wallet: move what the phrase alone opens by now under fresh locks, with one gesture. */
  async renewGuard(): Promise<void> {
    await moveOpenToPhrase(this.#payments, this.keys, (await this.account()).time_ms);
  }

  /**
   * Hand over more locks where the home has few left. A keyring that has few keeps them for change: its home makes locks
   * over the main key then, by which whoever reads the ledger sees that their coins are one owner's.
   */
  refill(): Promise<Account> {
    return this.#holdings.inTurn(async () => {
      const account = await this.account();
      const [{ guard }, { time }] = [this.keys, this.#centreKeys];
      if (guard?.describedAs === null) await describeGuard(guard, this.#describer, time.demandNow(account.time_ms));
      const count = Math.min(STOCK_LOCKS, this.#holdings.freshLocks - CHANGE_LOCKS);
      if (account.locks_left >= STOCK_LOCKS_LOW || count <= 0) return account;
      const first = this.#holdings.state.nextLockIndex;
      await guard?.renew(first, time.demandNow(account.time_ms));
      const lockIds = await this.#locks.derive(first, count);
      await this.#holdings.save({ nextLockIndex: first + count });
      const request = { lock_ids: lockIds, signature: await this.#locks.stockSignature(lockIds) };
      return this.#home.post<Account>(this.#path("/locks"), request, `locks-${this.walletId}-${first}-${count}`);
    });
  }

  // --- deposit and coins --------------------------------------------------------------------------------------------

  /** Turn deposit into coins, 1:1; the same request id is the same exchange. What is refused is thrown, by its status. */
  async exchange(amountFen: number, requestId: string = crypto.randomUUID()): Promise<Exchange> {
    const request = { amount_fen: amountFen };
    const exchange = await exchanged(amountFen, () => this.#home.post(this.#path("/exchanges"), request, requestId));
    await this.#holdings.inTurn(() => this.#holdings.takeIn(exchange.coins));
    return exchange;
  }

  /** Turn coins into deposit. */
  deposit(amountFen: number, requestId: string = crypto.randomUUID()): Promise<KeptPayment> {
    const payee = { deposit: true };
    const name = `deposit ${requestId}`;
    return this.#payments.pay({ name, payee, amountFen, payeeHome: this.setting.home, payeeWalletId: null });
  }

  // --- paying and asking for money ----------------------------------------------------------------------------------

  /** An order at whichever home, for its holder to look at before paying; just this one, since it says who is paid. */
  async order(orderId: string, home: number = this.setting.home): Promise<Order> {
    const order = await this.#home.get<Order>(`/v1/homes/${home}/orders/${encodeURIComponent(orderId)}`);
    if (order.order_id === orderId && order.home === home) return order;
    throw new PeerError("the home shows another order than was asked for");
  }

  /** Pay just this order; however often it is called, at most one payment settles. */
  payOrder(order: Order): Promise<KeptPayment> {
    return this.#payments.pay({
      name: orderPaymentName(order.home, order.order_id),
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
    return this.#payments.pay({
      name: personPaymentName(address, requestId),
      payee: { address: payee.toString() },
      amountFen,
      payeeHome: payee.home,
      payeeWalletId: toHex(payee.walletId),
    });
  }

  /** Return all or part of what was paid for an order of this merchant. */
  refund(orderId: string, amountFen: number, requestId: string = crypto.randomUUID()): Promise<KeptPayment> {
    const name = `refund ${orderId} ${requestId}`;
    return this.#payments.pay({ name, payee: { refund_of: orderId }, amountFen, payeeHome: null, payeeWalletId: null });
  }

  #payRefund(refund: Refund): Promise<KeptPayment> {
    const name = `refund ${refund.order_id} ${refund.refund_id}`;
    const payee = { refund_id: refund.refund_id };
    return this.#payments.pay({ name, payee, amountFen: refund.amount_fen, payeeHome: null, payeeWalletId: null });
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
        pay: (intent) => this.#payments.pay(intent),
        sync: () => this.sync(),
      },
    );
  }

  #path(rest: string): string {
    return `/v1/wallets/${this.walletId}${rest}`;
  }
}
