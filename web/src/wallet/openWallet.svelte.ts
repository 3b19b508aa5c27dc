/** The wallet that is open in this tab: what it has, what waits for its holder, and whether it can send. */

import type { KeptPayment, Order, OwnPocket, Refund, Wallet, WalletNews } from "@tongbao/client";
import { orderPaymentName, personPaymentName } from "@tongbao/client";
import { formatYuan } from "../design/money";
import { preferences } from "../design/preferences.svelte";
import { toasts } from "../design/toasts.svelte";
import { codeOf } from "../network/problems";
import { takeCash } from "../network/sandbox";
import { walletPay } from "../words/walletPay";
import type { Intention, Profile, Shelf } from "./device/shelf";
import type { HomeCalls, MoneyRequest } from "./homeCalls";
import { isSilence, keptAs, openOnes } from "./model/attempt";
import { type Entry, entryOf, mergeEntries, olderFrom } from "./model/history";
import { type WalletEvent, follow } from "../network/walletEvents";
import type { Sounds } from "./parts/sounds.svelte";

/** Whether the home answers. */
export type Reach = "asking" | "online" | "offline";

/** Why nothing can be sent now. */
export type Hindrance = "offline" | "asking" | "closed";

/** What a wallet is made of, put together by whoever opens it. */
export interface Parts {
  readonly profile: Profile;
  readonly wallet: Wallet;
  readonly calls: HomeCalls;
  readonly shelf: Shelf;
  readonly sounds: Sounds;
}

/** Ledger time and a device's clock differ by less than this. */
const NEWS_MS = 60_000;
/** Entries that are kept for reading offline. */
const ENTRIES_KEPT = 200;

export class OpenWallet {
  readonly wallet: Wallet;
  readonly calls: HomeCalls;
  readonly #shelf: Shelf;
  readonly #sounds: Sounds;
  readonly #leaving = new AbortController();

  profile = $state.raw<Profile>() as Profile;
  balanceFen = $state(0);
  depositFen = $state(0);
  entries = $state.raw<readonly Entry[]>([]);
  /** Where the next older entries begin; "" where there are none. */
  older = $state("");
  /** When the home last told, by this device's clock; null before it ever has. */
  toldAtMs = $state<number | null>(null);
  reach = $state<Reach>("asking");
  closed = $state(false);
  /** Why the home does not tell how things stand, although it answers; "" where it does. */
  trouble = $state("");
  requests = $state.raw<readonly MoneyRequest[]>([]);
  asked = $state.raw<readonly MoneyRequest[]>([]);
  refunds = $state.raw<readonly Refund[]>([]);
  gifts = $state.raw<readonly OwnPocket[]>([]);
  names = $state.raw<ReadonlyMap<string, string>>(new Map());
  /** Whether this device has few keys left, so that the phrase should be typed once more. */
  keysLow = $state(false);
  /** Money of a passkey that is lost, which the phrase opens later. */
  later = $state.raw<readonly { valueFen: number; opensAtMs: number }[]>([]);
  /** Payments that are signed and whose end is not known, with what they are about. */
  open = $state.raw<readonly { payment: KeptPayment; intention: Intention | null }[]>([]);

  #refreshing: Promise<void> | null = null;
  #lastEventId = "";
  #unsubscribe = (): void => undefined;
  #again = false;
  /** Whether the newest page was told since the wallet was opened here, so that `older` says something. */
  #hasPage = false;

  constructor(parts: Parts) {
    this.profile = parts.profile;
    this.wallet = parts.wallet;
    this.calls = parts.calls;
    this.#shelf = parts.shelf;
    this.#sounds = parts.sounds;
  }

  /** Why nothing can be sent now; null where it can. */
  get hindrance(): Hindrance | null {
    if (this.closed) return "closed";
    return this.reach === "online" ? null : this.reach;
  }

  /** How many things wait for the holder's word. */
  get waiting(): number {
    return this.requests.length + this.refunds.length + this.gifts.length;
  }

  /** Show what this device knows, before anybody is asked. */
  async show(): Promise<void> {
    const kept = await this.#shelf.snapshot(this.profile.id);
    this.balanceFen = this.wallet.balanceFen;
    this.names = await this.#shelf.names();
    if (kept) {
      this.depositFen = kept.depositFen;
      this.entries = kept.entries;
      this.toldAtMs = kept.takenAtMs;
      this.#lastEventId = kept.lastEventId;
    }
    await this.#showOpen();
  }

  // --- live ---------------------------------------------------------------------------------------------------------

  /** Hear of everything that happens to the wallet from now on. */
  follow(homeUrl: string): void {
    const { signal } = this.#leaving;
    this.#unsubscribe = this.wallet.subscribe((news) => this.#hear(news));
    addEventListener("online", () => void this.refresh(), { signal });
    addEventListener("offline", () => (this.reach = "offline"), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || void this.refresh(), { signal });
    const startedMs = Date.now();
    void follow({
      homeUrl,
      signer: this.wallet.signer,
      walletId: this.wallet.walletId,
      after: this.#lastEventId,
      signal,
      heard: (event) => this.#happened(event, startedMs),
      connected: (stands) => {
        if (stands || this.reach === "online") void this.refresh();
      },
    });
    void this.refresh();
  }

  /** Another wallet is used from now on. */
  leave(): void {
    this.#leaving.abort();
    this.#unsubscribe();
    this.wallet.stop();
  }

  #hear(news: WalletNews): void {
    this.balanceFen = this.wallet.balanceFen;
    if (news.what === "payment") void this.#showOpen();
  }

  #happened(event: WalletEvent, startedMs: number): void {
    this.#lastEventId = event.event_id;
    void this.refresh();
    // What happened while the page was closed stands in the history; only what happens now is news.
    if (event.time_ms < startedMs - NEWS_MS) return;
    const fen = typeof event.data["amount_fen"] === "number" ? event.data["amount_fen"] : 0;
    const amount = formatYuan(fen, preferences.tag);
    if (event.kind === "payment.received" || event.kind === "refund.received") {
      this.#sounds.arrived(walletPay.received(amount));
    } else if (event.kind === "money_request.received" || event.kind === "refund.offered" || event.kind === "pocket.received") {
      toasts.tell(walletPay.newToAnswer);
    }
  }

  /** Ask the home how things stand; asked while it is asked, once more afterwards. */
  refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#again = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#refreshUntilStill().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #refreshUntilStill(): Promise<void> {
    do {
      this.#again = false;
      await this.#askHome();
    } while (this.#again);
  }

  async #askHome(): Promise<void> {
    try {
      const account = await this.calls.account();
      this.reach = "online";
      this.trouble = "";
      this.closed = account.state === "closed";
      this.depositFen = account.deposit_fen;
      if (openOnes(this.wallet.payments).length > 0) await this.wallet.resume();
      this.balanceFen = await this.wallet.sync();
      const page = await this.calls.history();
      const newest = page.entries.map(entryOf);
      this.older = olderFrom(this.#hasPage ? this.older : null, this.entries, newest, page.next);
      this.#hasPage = true;
      this.entries = mergeEntries(this.entries, newest);
      this.toldAtMs = Date.now();
      await Promise.all([this.#keepSnapshot(), this.#showOpen(), this.#askWaiting()]);
      if (!this.closed) await this.wallet.refill();
      const { isLow, later } = this.wallet.keysLeft;
      [this.keysLow, this.later] = [isLow, later];
    } catch (error) {
      if (isSilence(error)) this.reach = "offline";
      else this.trouble = codeOf(error);
    }
  }

  async #askWaiting(): Promise<void> {
    const [received, sent, refunds, pockets] = await Promise.all([
      this.calls.requests("received"),
      this.calls.requests("sent"),
      this.wallet.refunds.received(),
      this.wallet.pockets.all(),
    ]);
    this.requests = received.filter((each) => each.state === "open" && !this.#isPaid(each));
    this.asked = sent.filter((each) => each.state === "open");
    this.refunds = refunds.filter((each) => each.state === "offered");
    this.gifts = pockets.filter((each) => each.isMine && each.party === "other");
  }

  /** Whether this device has paid what it is asked for; the asker's institution may tell of it later than this one knows. */
  #isPaid({ home, request_id }: MoneyRequest): boolean {
    return keptAs(this.wallet.payments, orderPaymentName(home, request_id))?.state === "settled";
  }

  #keepSnapshot(): Promise<void> {
    return this.#shelf.keepSnapshot({
      id: this.profile.id,
      depositFen: this.depositFen,
      entries: this.entries.slice(0, ENTRIES_KEPT),
      takenAtMs: this.toldAtMs ?? Date.now(),
      lastEventId: this.#lastEventId,
    });
  }

  async #showOpen(): Promise<void> {
    const intentions = await this.#shelf.intentions(this.profile.id);
    const open = openOnes(this.wallet.payments);
    this.open = open.map((payment) => ({
      payment,
      intention: intentions.find((each) => each.name === payment.name) ?? null,
    }));
    const ended = intentions.filter((each) => (keptAs(this.wallet.payments, each.name)?.state ?? "signed") !== "signed");
    await Promise.all(ended.map((each) => this.#shelf.dropIntention(each.key)));
  }

  /** Tell older entries, too. */
  async showOlder(): Promise<void> {
    if (this.older === "") return;
    const page = await this.calls.history(this.older);
    this.entries = mergeEntries(this.entries, page.entries.map(entryOf));
    this.older = page.next;
  }

  // --- money --------------------------------------------------------------------------------------------------------

  /** Pay the order; the same order again is the same payment. */
  payOrder(order: Order): Promise<KeptPayment> {
    const name = orderPaymentName(order.home, order.order_id);
    return this.#paying(name, order.merchant_name, order.amount_fen, order.link, () => this.wallet.payOrder(order));
  }

  /** Pay a person; the same request id is the same payment. */
  async payPerson(address: string, amountFen: number, requestId: string, payee: string): Promise<KeptPayment> {
    await this.#shelf.keepName(address, payee);
    this.names = new Map([...this.names, [address, payee]]);
    const name = personPaymentName(address, requestId);
    return this.#paying(name, payee, amountFen, "", () => this.wallet.payPerson(address, amountFen, requestId));
  }

  async #paying(
    name: string,
    payee: string,
    amountFen: number,
    about: string,
    pay: () => Promise<KeptPayment>,
  ): Promise<KeptPayment> {
    const key = `${this.profile.id} ${name}`;
    await this.#shelf.keepIntention({ key, profileId: this.profile.id, name, payee, amountFen, about, madeAtMs: Date.now() });
    try {
      return await pay();
    } finally {
      this.balanceFen = this.wallet.balanceFen;
      this.requests = this.requests.filter((each) => !this.#isPaid(each));
      // That the device could not write down what the payment was about never stands for how the payment ended.
      await this.#tidyUp(name, key).catch(() => undefined);
      void this.refresh();
    }
  }

  async #tidyUp(name: string, key: string): Promise<void> {
    await this.#showOpen();
    if (keptAs(this.wallet.payments, name) === null) await this.#shelf.dropIntention(key);
  }

  /** Turn deposit into money of the wallet; in a sandbox its teller first takes the cash that is missing. */
  async load(amountFen: number, sandbox: boolean, requestId: string): Promise<void> {
    const missingFen = amountFen - this.depositFen;
    if (sandbox && missingFen > 0) {
      const { walletId, home } = this.profile;
      this.depositFen = (await takeCash(walletId, home, missingFen, `cash-${requestId}-${missingFen}`)).deposit_fen;
    }
    // Another amount is another exchange, also where nobody has heard how the first one ended.
    await this.wallet.exchange(amountFen, `${requestId}-${amountFen}`);
    this.balanceFen = this.wallet.balanceFen;
    void this.refresh();
  }

  /** Turn money of the wallet into deposit. */
  async unload(amountFen: number, requestId: string): Promise<void> {
    await this.wallet.deposit(amountFen, requestId);
    this.balanceFen = this.wallet.balanceFen;
    void this.refresh();
  }

  /** Change what is kept of the wallet on this device. */
  async keep(changed: Partial<Profile>): Promise<void> {
    this.profile = { ...this.profile, ...changed };
    await this.#shelf.keepProfile(this.profile);
  }
}
