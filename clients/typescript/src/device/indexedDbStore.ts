/** A wallet's state in IndexedDB, shared by all tabs: one of them changes it at a time, and the others hear of it. */

import { TongbaoError } from "../errors.js";
import type { KeptPayment } from "../payment.js";
import type { WalletState, WalletStore } from "../walletStore.js";
import type { Database } from "./database.js";

/** What is needed of the Web Locks API. */
export type LockService = Pick<LockManager, "request">;

/** A tab that pays holds the lock for a minute at worst, while no answer comes. */
const PATIENCE_MS = 90_000;
const NEVER_WRITTEN = "";

interface KeptState extends Omit<WalletState, "payments"> {
  readonly walletId: string;
  /** New with each write, and drawn, since a wallet that was forgotten and came back would count from the beginning. */
  readonly version: string | number;
}

interface KeptAt {
  readonly walletId: string;
  readonly place: number;
  readonly payment: KeptPayment;
}

export class IndexedDbStore implements WalletStore {
  #version: KeptState["version"] = NEVER_WRITTEN;
  #state: WalletState | null = null;
  readonly #name: string;
  readonly #locks: LockService;
  #channel: BroadcastChannel | null = null;

  constructor(
    private readonly database: Database,
    private readonly walletId: string,
    locks: LockService | null = null,
  ) {
    this.#name = `tongbao wallet ${walletId}`;
    this.#locks = locks ?? ownLocks();
  }

  async load(): Promise<WalletState | null> {
    const { walletId } = this;
    return this.database.read(["states", "payments"], async (access) => {
      const kept = await access.get<KeptState>("states", walletId);
      if (kept === undefined) return null;
      if (kept.version !== this.#version) {
        const payments = await access.all<KeptAt>("payments", walletId);
        const { home, nextLockIndex, coins, offers = [] } = kept;
        this.#state = { home, nextLockIndex, coins, offers, payments: payments.map((each) => each.payment) };
        this.#version = kept.version;
      }
      return this.#state;
    });
  }

  /** Returns once it is on the disk. Refused where somebody else has changed it since it was loaded. */
  async save(state: WalletState): Promise<void> {
    const { walletId } = this;
    const { payments, home, nextLockIndex, coins, offers = [] } = state;
    const version = crypto.randomUUID();
    await this.database.write(["states", "payments"], async (access) => {
      const kept = await access.get<KeptState>("states", walletId);
      if ((kept?.version ?? NEVER_WRITTEN) !== this.#version) throw changed();
      payments.forEach((payment, place) => {
        // Payments that are as they were stay as they are: a wallet may have made thousands.
        if (payment !== this.#state?.payments[place]) access.put("payments", { walletId, place, payment } satisfies KeptAt);
      });
      access.put("states", { walletId, version, home, nextLockIndex, coins, offers } satisfies KeptState);
    });
    this.#version = version;
    this.#state = state;
    const channel = this.#channel ?? new BroadcastChannel(this.#name);
    channel.postMessage(version);
    if (channel !== this.#channel) channel.close();
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), PATIENCE_MS);
    const entered = { yet: false };
    try {
      return (await this.#locks.request(this.#name, { signal: waiting.signal }, async () => {
        entered.yet = true;
        clearTimeout(timer);
        return work();
      })) as T;
    } catch (error) {
      if (entered.yet || !waiting.signal.aborted) throw error;
      throw new TongbaoError(
        "another tab is at work with this wallet",
        "WALLET_BUSY",
        "",
        "wait until it has finished, or close it; nothing was paid here",
      );
    } finally {
      clearTimeout(timer);
    }
  }

  watch(heard: () => void): () => void {
    const channel = new BroadcastChannel(this.#name);
    channel.onmessage = () => heard();
    this.#channel = channel;
    return () => {
      channel.close();
      if (this.#channel === channel) this.#channel = null;
    };
  }
}

function ownLocks(): LockService {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  if (locks !== undefined) return locks;
  throw new TongbaoError(
    "this browser cannot keep tabs apart",
    "DEVICE_UNSUPPORTED",
    "",
    "use a newer browser, over HTTPS",
  );
}

function changed(): TongbaoError {
  return new TongbaoError(
    "the wallet's state was changed elsewhere",
    "STORE_CHANGED",
    "",
    "load the page again; nothing was sent",
  );
}
