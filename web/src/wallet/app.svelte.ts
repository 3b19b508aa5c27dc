/** The wallet's page as a whole: which wallets this browser has, which one is open, and where its holder is. */

import { Device, type Genesis, KEYS_MISSING, type Passkey, TongbaoError, type Wallet, type WalletSetting, readGenesis } from "@tongbao/client";
import { isUsedElsewhere } from "../device/keyUsers";
import { type Network, homeOf, network, urlOf } from "../network/network";
import { codeOf } from "../network/problems";
import { genesisOf } from "./device/genesis";
import { logSource } from "./device/logSource";
import { openPhrase, sealPhrase } from "./device/phraseSafe";
import { type Profile, Shelf } from "./device/shelf";
import { HomeCalls } from "./homeCalls";
import { isSilence } from "./model/attempt";
import type { LogSource } from "./model/logStanding";
import { type Place, type Route, hashOf, routeOf } from "./model/route";
import { OpenWallet } from "./openWallet.svelte";
import type { Sounds } from "./parts/sounds.svelte";

/** `empty`: no wallet is here yet; `unreachable`: there is none, and nobody answers; `broken`: the device keeps nothing. */
export type Stage = "starting" | "empty" | "ready" | "unreachable" | "broken";

/** For whoever opens a wallet without an office: the figures are the institution's policy. */
const WALLET_CLASS = "II";

interface Parts {
  readonly device: Device;
  readonly shelf: Shelf;
  readonly known: Network;
  readonly genesis: Genesis;
}

export class App {
  stage = $state<Stage>("starting");
  network = $state.raw<Network | null>(null);
  profiles = $state.raw<readonly Profile[]>([]);
  current = $state.raw<OpenWallet | null>(null);
  route = $state.raw<Route>(routeOf(""));
  /** Whether amounts are not to be seen by who looks over a shoulder. */
  hidden = $state(false);
  #parts: Parts | null = null;
  /** The wallet whose opening was begun and has not succeeded; nobody was told its address. */
  #begun = "";

  constructor(readonly sounds: Sounds) {}

  /** Show what there is, and go where the address says. */
  async start(): Promise<void> {
    this.stage = "starting";
    this.#follow();
    addEventListener("hashchange", this.#follow);
    try {
      await this.#begin();
    } catch (error) {
      this.stage = error instanceof TypeError || isSilence(error) ? "unreachable" : "broken";
    }
  }

  async #begin(): Promise<void> {
    const [shelf, device] = [await Shelf.open(), await Device.open()];
    const known = await network();
    const genesis = readGenesis(await genesisOf(known, shelf));
    this.#parts = { shelf, device, known, genesis };
    this.network = known;
    const here = (await shelf.profiles()).filter((each) => each.networkId === known.network_id);
    await shelf.tidyPhrases();
    for (const begun of here.filter((each) => !each.opened)) await this.#finish(begun);
    if (this.current !== null) return;
    this.profiles = here.filter((each) => each.opened);
    const [latest] = this.profiles;
    if (latest) await this.#useOrRecover(latest);
    else this.stage = "empty";
  }

  /** A browser that has thrown the keys away has lost the wallet: only its phrase brings it back. */
  async #useOrRecover(profile: Profile): Promise<void> {
    try {
      await this.use(profile);
    } catch (error) {
      if (codeOf(error) !== KEYS_MISSING) throw error;
      this.stage = "empty";
      this.go("recover");
    }
  }

  #follow = (): void => {
    this.route = routeOf(location.hash);
  };

  /** Go there; the browser's own way back leads back. */
  go(place: Place, about = ""): void {
    const hash = hashOf(place, about);
    if (hash === (location.hash || "#/")) this.#follow();
    else location.hash = hash;
  }

  // --- wallets ------------------------------------------------------------------------------------------------------

  /** Use the wallet from now on. */
  async use(profile: Profile): Promise<void> {
    const wallet = await this.#of().device.wallet(profile.walletId, this.#settingOf(profile.home));
    if (wallet === null) throw new TongbaoError("the keys of this wallet are gone", KEYS_MISSING, "", "recover it");
    await wallet.start();
    await this.#show({ ...profile, usedAtMs: Date.now() }, wallet);
  }

  /** Make keys on this device and open a wallet with them; asked again with the same phrase, it is the same wallet. */
  async openNew(holderName: string, home: number, phrase: string, passkey: Passkey | null): Promise<void> {
    const { device, shelf } = this.#of();
    const wallet = await device.create(phrase, this.#settingOf(home), passkey && { passkey });
    await this.#beginWith(wallet.walletId);
    const keys = passkey === null ? "device" : "passkey";
    const begun = { ...this.#profileOf(wallet, home, holderName, { keys, backedUp: false }), opened: false };
    await shelf.keepProfile(begun);
    // The phrase is safe before anybody can pay the wallet.
    await shelf.keepPhrase(wallet.walletId, await sealPhrase(phrase));
    await this.#openBegun(begun, wallet);
  }

  async #openBegun(begun: Profile, wallet: Wallet): Promise<void> {
    const account = await wallet.open({ holderName: begun.holderName, walletClass: WALLET_CLASS });
    this.#begun = "";
    await this.#show({ ...begun, holderName: account.holder_name, opened: true, usedAtMs: Date.now() }, wallet);
  }

  /**
   * Bring an opening to its end that was interrupted. One that its home refuses, or that cannot be ended now, stays begun:
   * the next start tries again, and a new wallet takes its place.
   */
  async #finish(begun: Profile): Promise<void> {
    const { device, shelf } = this.#of();
    await this.#beginWith(begun.walletId);
    const hasPhrase = (await shelf.phrase(begun.id)) !== undefined;
    const wallet = hasPhrase ? await device.wallet(begun.walletId, this.#settingOf(begun.home)) : null;
    if (wallet === null) return this.#beginWith("");
    try {
      await this.#openBegun(begun, wallet);
    } catch (error) {
      if (!(error instanceof TongbaoError)) throw error;
    }
  }

  /** Another wallet than the one that was begun is opened instead: this device needs nothing of that one. */
  async #beginWith(walletId: string): Promise<void> {
    const before = this.#begun;
    if (before !== "" && before !== walletId) await this.#erase(before);
    this.#begun = walletId;
  }

  /** Bring a wallet back that is open at its home. */
  async recover(phrase: string, home: number): Promise<void> {
    const wallet = await this.#of().device.recover(phrase, this.#settingOf(home));
    const account = await wallet.account();
    await this.#show(this.#profileOf(wallet, home, account.holder_name, { keys: "device", backedUp: true }), wallet);
    await this.#of().shelf.dropPhrase(wallet.walletId);
  }

  /** Bring fresh keys, and those of money that came by another device. */
  async moreKeys(phrase: string, opened: OpenWallet): Promise<void> {
    const { walletId, home } = opened.profile;
    await this.#of().device.moreKeys(walletId, phrase, this.#settingOf(home));
    await opened.refresh();
  }

  /** Delete the wallet from this device. */
  async forget(profile: Profile): Promise<void> {
    this.current?.leave();
    this.current = null;
    await this.#erase(profile.walletId);
    this.profiles = this.profiles.filter((each) => each.id !== profile.id);
    const [next] = this.profiles;
    if (next) await this.use(next);
    else this.stage = "empty";
    this.go("home");
  }

  /** Delete what this page keeps of the wallet, and its keys unless another page of this device needs them. */
  async #erase(walletId: string): Promise<void> {
    const { device, shelf } = this.#of();
    if (!(await isUsedElsewhere(walletId, "tongbao-wallet"))) await device.forget(walletId);
    await shelf.forget(walletId);
  }

  /** The phrase, where it still lies on this device. */
  async phraseOf(profile: Profile): Promise<string | null> {
    const sealed = await this.#of().shelf.phrase(profile.id);
    return sealed === undefined ? null : openPhrase(sealed);
  }

  /** The holder has it on paper: this device keeps it no longer. */
  async backedUp(opened: OpenWallet): Promise<void> {
    await opened.keep({ backedUp: true });
    await this.#of().shelf.dropPhrase(opened.profile.id);
  }

  /** What receipts of this network are verified with. */
  get genesis(): Genesis {
    return this.#of().genesis;
  }

  /** Where the proofs are that payments of the wallet stand in the transparency log. */
  logSourceOf(profile: Profile): LogSource {
    const { known, shelf } = this.#of();
    return logSource(known, shelf, profile.id);
  }

  #profileOf(wallet: Wallet, home: number, holderName: string, kept: Pick<Profile, "keys" | "backedUp">): Profile {
    const { known } = this.#of();
    return {
      id: wallet.walletId,
      walletId: wallet.walletId,
      home,
      homeTitle: homeOf(known, home)?.title ?? "",
      networkId: known.network_id,
      address: wallet.address,
      holderName,
      opened: true,
      ...kept,
      usedAtMs: Date.now(),
    };
  }

  #settingOf(home: number): WalletSetting {
    const { known, genesis } = this.#of();
    const found = homeOf(known, home);
    if (found === undefined) throw new TongbaoError("this network has no such institution", "NOT_FOUND", "home");
    return { genesis, home, homeUrl: urlOf(found.path), centreUrl: urlOf(known.centre_path) };
  }

  async #show(profile: Profile, wallet: Wallet): Promise<void> {
    const { shelf } = this.#of();
    const { homeUrl } = this.#settingOf(profile.home);
    await shelf.keepProfile(profile);
    const calls = new HomeCalls(homeUrl, wallet.signer, wallet.walletId);
    const opened = new OpenWallet({ profile, wallet, calls, shelf, sounds: this.sounds });
    await opened.show();
    this.current?.leave();
    this.current = opened;
    this.profiles = (await shelf.profiles()).filter((each) => each.opened && each.networkId === profile.networkId);
    this.stage = "ready";
    opened.follow(homeUrl);
  }

  #of(): Parts {
    if (this.#parts === null) throw new Error("the page has not started");
    return this.#parts;
  }
}
