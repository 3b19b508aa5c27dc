/** The shop's page as a whole: what this device is in a shop, and where somebody is in it. */

import {
  Device,
  type Domain,
  type Genesis,
  type Merchant,
  type OrderDesk,
  ProblemError,
  Shop,
  SignedClient,
  Till,
  TongbaoError,
  type Wallet,
  type WalletSetting,
  fromBase64,
  readGenesis,
  toHex,
} from "@tongbao/client";
import { isUsedElsewhere } from "../../device/keyUsers";
import { type Home, type Network, homeOf, network, urlOf } from "../../network/network";
import { type Invitation, invitationIn } from "./invitation";
import { type ShopRoute, shopRouteOf } from "./route";
import { type OwnerPost, type Post, ShopShelf, type TillPost } from "./shelf";
import { newTillKey, tillKeyOf } from "./tillKey";

/** Shops are companies, which institutions know: their wallets have no limit. */
const WALLET_CLASS = "I";

/** An owner's device: it does everything. */
export interface OwnerDesk {
  readonly role: "owner";
  readonly home: Home;
  readonly shopName: string;
  readonly category: string;
  readonly desk: Shop;
  readonly wallet: Wallet;
  readonly domain: Domain;
  /** The currency's name, as genesis fixes it. */
  readonly assetCode: string;
}

/** A cashier's device: it takes money, and nothing else. */
export interface TillDesk {
  readonly role: "till";
  readonly home: Home;
  readonly shopName: string;
  readonly desk: Till;
  readonly tillName: string;
}

export type OpenDesk = OwnerDesk | TillDesk;

/** How far the device is. `invited` asks whether to become a till, `applying` waits for the owner's word. */
export type Stage =
  | { readonly kind: "starting" }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "new" }
  | { readonly kind: "invited"; readonly invitation: Invitation; readonly merchant: Merchant; readonly home: Home }
  | { readonly kind: "unnamed"; readonly post: OwnerPost }
  | { readonly kind: "applying"; readonly post: TillPost; readonly till: Till }
  | { readonly kind: "open"; readonly open: OpenDesk };

interface Parts {
  readonly device: Device;
  readonly shelf: ShopShelf;
  readonly known: Network;
  readonly genesis: Genesis;
}

export class ShopApp {
  stage = $state.raw<Stage>({ kind: "starting" });
  route = $state.raw<ShopRoute>(shopRouteOf(""));
  network = $state.raw<Network | null>(null);
  #parts: Parts | null = null;

  /** Take up what this device is, and go where the address says. */
  async start(): Promise<void> {
    this.stage = { kind: "starting" };
    try {
      this.#parts ??= await gather();
      this.network = this.#parts.known;
      const post = await this.#parts.shelf.post();
      const here = post?.networkId === this.#parts.known.network_id ? post : undefined;
      this.stage = here === undefined ? await this.#begin() : await this.#stageOf(here);
    } catch (error) {
      this.stage = { kind: "failed", error };
    }
  }

  /** Look at the address again. */
  async follow(): Promise<void> {
    this.route = shopRouteOf(location.hash);
    if (this.stage.kind === "new" && invitationIn(location.hash) !== null) this.stage = await this.#begin();
  }

  // --- owners -------------------------------------------------------------------------------------------------------

  /** Open a wallet for the shop with keys of this phrase, and take orders under its name. */
  async openShop(phrase: string, home: number, name: string, category: string): Promise<void> {
    const wallet = await this.#of().device.create(phrase, this.#settingOf(home));
    await this.#keep(wallet, home, name, category);
    await this.finish(name, category);
  }

  /** Bring the opening of a shop to its end, wherever it stopped; done twice, it is done once. */
  async finish(name: string, category: string): Promise<void> {
    const post = await this.#of().shelf.post();
    if (post?.kind !== "owner") throw new Error("this device is no owner's");
    const { wallet } = await this.#ownerDesk(post);
    await wallet.open({ holderName: name, walletClass: WALLET_CLASS, kind: "corporate" });
    await this.register(name, category);
  }

  /** Take up a shop, or make one of a wallet, that is open at its home. */
  async takeUp(phrase: string, home: number): Promise<void> {
    const wallet = await this.#of().device.recover(phrase, this.#settingOf(home));
    const merchant = await merchantOf(urlOf(this.#homeOf(home).path), wallet.walletId);
    await this.#keep(wallet, home, merchant?.name ?? "", merchant?.category ?? "", merchant !== null);
    await this.start();
  }

  /** Take orders under this name from now on. */
  async register(name: string, category: string): Promise<void> {
    const post = await this.#of().shelf.post();
    if (post?.kind !== "owner") throw new Error("this device is no owner's");
    const desk = await this.#ownerDesk(post);
    await desk.desk.register(name, category);
    await this.#of().shelf.keepPost({ ...post, name, category, registered: true });
    await this.start();
  }

  // --- cashiers -----------------------------------------------------------------------------------------------------

  /** Become a till of the shop that invites, with a key of this device's own. */
  async apply(invitation: Invitation, merchant: Merchant): Promise<void> {
    const { shelf, known } = this.#of();
    await shelf.keepPost({
      kind: "till",
      networkId: known.network_id,
      home: invitation.home,
      merchantWalletId: invitation.merchantWalletId,
      shopName: merchant.name,
      tillName: "",
      ...(await newTillKey()),
    });
    await this.start();
  }

  /** Ask whether the owner has admitted this till; true once it has. */
  async isAdmitted(post: TillPost, till: Till): Promise<boolean> {
    try {
      const record = await till.record();
      await this.#of().shelf.keepPost({ ...post, tillName: record.name });
    } catch (error) {
      // Whose key nobody knows there cannot prove who he is.
      if (error instanceof ProblemError && error.status === 401) return false;
      throw error;
    }
    await this.start();
    return true;
  }

  // --- both ---------------------------------------------------------------------------------------------------------

  /** Let this device be nothing in the shop any more; a wallet's keys are deleted with it. */
  async leave(): Promise<void> {
    const { shelf, device } = this.#of();
    const post = await shelf.post();
    await shelf.forget();
    if (post?.kind === "owner" && !(await isUsedElsewhere(post.walletId, "tongbao-shop"))) {
      await device.forget(post.walletId);
    }
    history.replaceState(null, "", location.pathname);
    this.route = shopRouteOf("");
    await this.start();
  }

  async #begin(): Promise<Stage> {
    const invitation = invitationIn(location.hash);
    if (invitation === null) return { kind: "new" };
    const home = this.#homeOf(invitation.home);
    const merchant = await merchantOf(urlOf(home.path), invitation.merchantWalletId);
    return merchant === null ? { kind: "new" } : { kind: "invited", invitation, merchant, home };
  }

  async #stageOf(post: Post): Promise<Stage> {
    if (post.kind === "till") {
      const desk = this.#tillOf(post);
      if (post.tillName === "") return { kind: "applying", post, till: desk };
      const home = this.#homeOf(post.home);
      return { kind: "open", open: { role: "till", home, shopName: post.shopName, desk, tillName: post.tillName } };
    }
    if (!post.registered) return { kind: "unnamed", post };
    return { kind: "open", open: await this.#ownerDesk(post) };
  }

  async #ownerDesk(post: OwnerPost): Promise<OwnerDesk> {
    const setting = this.#settingOf(post.home);
    const wallet = await this.#of().device.wallet(post.walletId, setting);
    if (wallet === null) throw new TongbaoError("the keys of this shop are gone", "KEYS_MISSING");
    await wallet.start();
    const { domain, assetCode } = setting.genesis;
    const desk = new Shop(new SignedClient(setting.homeUrl, wallet.signer), wallet.walletId, domain);
    const { name: shopName, category } = post;
    return { role: "owner", home: this.#homeOf(post.home), shopName, category, desk, wallet, domain, assetCode };
  }

  #tillOf(post: TillPost): Till {
    const { homeUrl, genesis } = this.#settingOf(post.home);
    return new Till(tillKeyOf(post), { homeUrl, merchantWalletId: post.merchantWalletId, domain: genesis.domain });
  }

  async #keep(wallet: Wallet, home: number, name: string, category: string, registered = false): Promise<void> {
    const { shelf, known } = this.#of();
    const { walletId } = wallet;
    await shelf.keepPost({ kind: "owner", networkId: known.network_id, home, walletId, name, category, registered });
  }

  #homeOf(home: number): Home {
    const found = homeOf(this.#of().known, home);
    if (found === undefined) throw new TongbaoError("this network has no such institution", "NOT_FOUND", "home");
    return found;
  }

  #settingOf(home: number): WalletSetting {
    const { known, genesis } = this.#of();
    return { genesis, home, homeUrl: urlOf(this.#homeOf(home).path), centreUrl: urlOf(known.centre_path) };
  }

  #of(): Parts {
    if (this.#parts === null) throw new Error("the page has not started");
    return this.#parts;
  }
}

/** The orders' desk, whoever sits at it. */
export function deskOf(open: OpenDesk): OrderDesk {
  return open.desk;
}

async function gather(): Promise<Parts> {
  const [shelf, device, known] = await Promise.all([ShopShelf.open(), Device.open(), network()]);
  const centre = new SignedClient(urlOf(known.centre_path), null);
  const genesis = readGenesis(fromBase64((await centre.get<{ genesis: string }>("/v1/genesis")).genesis));
  if (toHex(genesis.domain.networkId) !== known.network_id) {
    throw new TongbaoError("the registration centre tells of another network", "WRONG_NETWORK");
  }
  return { shelf, device, known, genesis };
}

/** The shop of a wallet, as its home tells everybody; null where it has none. */
async function merchantOf(homeUrl: string, walletId: string): Promise<Merchant | null> {
  try {
    return await new SignedClient(homeUrl, null).get<Merchant>(`/v1/merchants/${walletId}`);
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return null;
    throw error;
  }
}
