/** The wallets on this device: each opened or recovered with its phrase once, and used without it from then on. */

import { toHex } from "../bytes.js";
import type { HashKind } from "../domain.js";
import { TongbaoError } from "../errors.js";
import type { WalletKeys } from "../keys.js";
import type { Passkey, PasskeySigner } from "../passkey/passkeyKey.js";
import { RecoveringKeys } from "../passkey/recoveringKeys.js";
import { PERIOD_MS } from "../passkey/timedLocks.js";
import { askPasskey as ofBrowser } from "../passkey/webauthn.js";
import { readPhrase, seedBeside } from "../phrase.js";
import { Wallet } from "../wallet.js";
import type { WalletSetting } from "../walletSetting.js";
import { Database } from "./database.js";
import { DeviceKeyring } from "./deviceKeyring.js";
import { type KeptKeyring, type Wanted, bringKeys } from "./keptKeys.js";
import { IndexedDbStore, type LockService } from "./indexedDbStore.js";

/**
 * Keys for locks that nobody was given yet: a year of two or three payments a day, of which each takes one for change or
 * for being paid. They are derived in about a second on a phone, and take half a megabyte.
 */
export const FRESH_LOCKS = 1_024;
/** A recovered wallet's home may still be handing out old locks; 8,192 of them are a shop's last weeks, and some seconds. */
const LOCKS_BACK_MAX = 8_192;
/** Pockets that a person makes in a year or two. */
const FRESH_POCKETS = 16;

/** A wallet that this device has keys of. */
export interface DeviceWallet {
  readonly walletId: string;
  readonly home: number;
  /** In hexadecimal: which network it belongs to. */
  readonly networkId: string;
  readonly hashKind: HashKind;
  /** Whether each payment asks a passkey. */
  readonly hasPasskey: boolean;
}

export interface DeviceSetting {
  readonly databaseName?: string;
  /** For programs without the Web Locks API. */
  readonly locks?: LockService;
  /** For programs without WebAuthn. */
  readonly askPasskey?: PasskeySigner;
}

/** What guards a new wallet: each payment asks this passkey. */
export interface PasskeyChoice {
  readonly passkey: Passkey;
  /** How often the time from which the phrase opens new locks goes on; 30 days unless a test is in a hurry. */
  readonly periodMs?: number;
}

export class Device {
  readonly #keyrings = new Map<string, DeviceKeyring>();

  private constructor(
    private readonly database: Database,
    private readonly locks: LockService | null,
    private readonly askPasskey: PasskeySigner,
  ) {}

  static async open({ databaseName, locks, askPasskey }: DeviceSetting = {}): Promise<Device> {
    return new Device(await Database.open(databaseName), locks ?? null, askPasskey ?? ofBrowser);
  }

  async wallets(): Promise<DeviceWallet[]> {
    const kept = await this.database.wallets<KeptKeyring>();
    return kept.map(({ walletId, home, networkId, hashKind, passkey }) => {
      return { walletId, home, networkId, hashKind, hasPasskey: passkey !== null };
    });
  }

  /**
   * Keep the keys of a new phrase; what comes back is to be opened at its home. A wallet that is here already is that
   * one. With a passkey, no key that moves money is kept, but for the main key's until money under it has been moved.
   */
  async create(phrase: string, setting: WalletSetting, choice: PasskeyChoice | null = null): Promise<Wallet> {
    const keys = await keysOf(phrase, setting);
    const known = await this.wallet(toHex(keys.walletId), setting);
    if (known !== null) return known;
    const passkey = choice && { passkey: choice.passkey, periodMs: choice.periodMs ?? PERIOD_MS };
    await this.#bring(keys, setting, { nextLockIndex: 0, coinLocks: [], pockets: [], more: { passkey } });
    await askToStay();
    return this.#made(keys, setting);
  }

  /**
   * Make a wallet that is open at its home again; throws what the home says where it is not. Money of a passkey that is
   * lost is found, and opens when its time has come (`keysLeft.later`); new locks are opened by keys on this device, also
   * where it has the wallet under that passkey still. Other tabs have to be loaded anew.
   */
  async recover(phrase: string, setting: WalletSetting): Promise<Wallet> {
    const keys = await keysOf(phrase, setting);
    await this.#bringAll(keys, setting, (found) => found.recover(), true);
    this.#keyrings.delete(toHex(keys.walletId)); // what opens its locks may be something else now
    await askToStay();
    const wallet = await this.#made(keys, setting);
    await wallet.start();
    return wallet;
  }

  /** A wallet of this device; null where it has none of that id. Call `start` on it. */
  async wallet(walletId: string, setting: WalletSetting): Promise<Wallet | null> {
    const keyring = this.#keyrings.get(walletId) ?? (await DeviceKeyring.open(this.database, walletId, this.askPasskey));
    if (keyring === null) return null;
    this.#keyrings.set(walletId, keyring);
    return new Wallet(keyring, setting, this.#store(walletId));
  }

  /** Bring fresh keys, and those of coins and pockets that came by another device. Then call `sync` on the wallet. */
  async moreKeys(walletId: string, phrase: string, setting: WalletSetting): Promise<void> {
    const keys = await keysOf(phrase, setting);
    if (toHex(keys.walletId) !== walletId) {
      throw new TongbaoError("this is another wallet's phrase", "PHRASE_OTHER", "phrase", "type this wallet's own phrase");
    }
    await this.#bringAll(keys, setting, (found) => found.sync());
    await this.#keyrings.get(walletId)?.refresh();
  }

  /** Delete everything that this device has of the wallet; with its phrase it can be recovered. */
  async forget(walletId: string): Promise<void> {
    this.#keyrings.delete(walletId);
    await this.#store(walletId).exclusively(() =>
      this.database.write(["wallets", "locks", "lockIds", "pockets", "states", "payments"], async (access) => {
        for (const store of ["wallets", "locks", "lockIds", "pockets", "states", "payments"] as const) {
          access.clear(store, walletId);
        }
      }),
    );
  }

  close(): void {
    this.database.close();
  }

  // --- while the phrase is in memory --------------------------------------------------------------------------------

  async #bringAll(
    keys: RecoveringKeys,
    setting: WalletSetting,
    look: (found: Wallet) => Promise<unknown>,
    passkeyIsLost = false,
  ): Promise<void> {
    const store = this.#store(toHex(keys.walletId));
    const found = new Wallet(keys, setting, store);
    const past = (await found.pockets.past()).filter(({ told, party }) => party === "maker" && told.state !== "taken");
    const { time_ms: timeMs } = await found.account();
    // A period too many costs a moment, and one too few hides money.
    keys.learn(past, Math.max(timeMs, Date.now()));
    await look(found);
    const state = await store.load();
    await this.#bring(keys, setting, {
      nextLockIndex: state?.nextLockIndex ?? 0,
      coinLocks: (state?.coins ?? []).map((coin) => coin.lockIndex).filter((index) => index !== null),
      pockets: past.map((each) => each.words?.number ?? null).filter((number) => number !== null),
      more: { former: keys.former, found: keys.found, passkeyIsLost },
    });
  }

  async #bring(keys: WalletKeys, { home }: WalletSetting, used: Used): Promise<void> {
    const known = await DeviceKeyring.open(this.database, toHex(keys.walletId));
    const floor = Math.max(used.nextLockIndex - LOCKS_BACK_MAX, 0);
    const end = used.nextLockIndex + FRESH_LOCKS;
    const indexes = new Set(used.coinLocks);
    for (let index = floor; index < end; index++) indexes.add(index);
    const ascending = [...indexes].sort((one, other) => one - other);
    const { pockets, more } = used;
    // A passkey's wallet has the ids of its locks here, and no keys.
    const isWhole = known === null || (known.guard !== null && more.passkeyIsLost === true);
    const locks = isWhole ? ascending : known.lacking(ascending);
    await bringKeys(this.database, keys, { home, locks, pockets, freshPockets: FRESH_POCKETS, ...more });
  }

  async #made(keys: WalletKeys, setting: WalletSetting): Promise<Wallet> {
    const made = await this.wallet(toHex(keys.walletId), setting);
    if (made === null) throw new TongbaoError("the keys are gone again", "STORE_FAILED", "", "leave private browsing");
    return made;
  }

  #store = (walletId: string): IndexedDbStore => new IndexedDbStore(this.database, walletId, this.locks);
}

interface Used {
  readonly nextLockIndex: number;
  readonly coinLocks: readonly number[];
  readonly pockets: readonly number[];
  readonly more: Pick<Wanted, "passkey" | "former" | "found" | "passkeyIsLost">;
}

async function keysOf(phrase: string, { genesis }: WalletSetting): Promise<RecoveringKeys> {
  return new RecoveringKeys(await seedBeside(await readPhrase(phrase)), genesis.domain);
}

/** Browsers throw away what they need not keep; whether one agrees to keep it is its own matter. */
async function askToStay(): Promise<void> {
  await (globalThis.navigator as Navigator | undefined)?.storage?.persist?.().catch(() => false);
}
