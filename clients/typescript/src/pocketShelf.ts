/** Looking at pockets: what their homes tell of them, and what is sealed for this wallet. */

import type { components } from "./api/institution.js";
import { Address } from "./address.js";
import { type Bytes, equal, fromBase64, fromHex } from "./bytes.js";
import { NetworkError, PeerError, ProblemError, TongbaoError } from "./errors.js";
import type { Keyring } from "./keyring.js";
import { isDescription } from "./passkey/timedLocks.js";
import { PocketWords } from "./pocketWords.js";
import type { SignedClient } from "./signedClient.js";

type Schemas = components["schemas"];
export type Pocket = Schemas["Pocket"];
export type PocketParty = Schemas["PocketParty"];

const PAGE = "100";

/** A pocket that this wallet can open. */
export class OwnPocket {
  constructor(
    /** What its home says of it. */
    readonly told: Pocket,
    /** Whether this wallet made it, or the other one. */
    readonly party: PocketParty,
    /** What was sealed for this wallet; null where it cannot be read or is about another lock. */
    readonly words: PocketWords | null,
  ) {}

  /** The ledger time from which this wallet opens it, 0 for any time; null where that cannot be read. */
  get opensAtMs(): number | null {
    return this.words === null ? null : Number(this.words.lock.opensAtMs(this.words.path));
  }

  /** Whether money is in it that this wallet may take out at any time: savings, and gifts that wait. */
  get isMine(): boolean {
    return this.told.state === "filled" && this.opensAtMs === 0;
  }
}

export class PocketShelf {
  constructor(
    private readonly keys: Keyring,
    private readonly home: SignedClient,
  ) {}

  /** Every pocket whose money can still be taken; one whose home does not answer is told of as it was last heard of. */
  async all(): Promise<OwnPocket[]> {
    const made = (await this.#listed("maker")).filter((each) => each.state !== "taken" && !this.#isGuard(each));
    const received = (await this.#listed("other")).filter((each) => each.state !== "taken");
    const described = await Promise.all(made.map((each) => this.#own(each, "maker")));
    const found = described.filter(({ words }) => words === null || !isDescription(words.purpose));
    for (const each of received) {
      const now = await this.#asItStands(each);
      if (now.state !== "taken") found.push(await this.#own(now, "other"));
    }
    return found;
  }

  /** Every pocket that there ever was, as last heard of; with what describes a passkey's wallet to whoever recovers it. */
  async past(): Promise<OwnPocket[]> {
    const [made, received] = [await this.#listed("maker"), await this.#listed("other")];
    return Promise.all([
      ...made.map((each) => this.#own(each, "maker")),
      ...received.map((each) => this.#own(each, "other")),
    ]);
  }

  /** A pocket as it stands at the home where it lies. */
  async find(home: number, pocketId: string): Promise<OwnPocket> {
    const told = await this.#told(home, pocketId);
    const mine = equal(Address.parse(told.maker_address).walletId, this.keys.walletId);
    return this.#own(told, mine ? "maker" : "other");
  }

  /** What lies in pockets that this wallet has made, and nobody has taken. */
  async asideFen(): Promise<number> {
    const filled = (await this.#listed("maker")).filter((each) => each.state === "filled");
    return filled.reduce((sum, each) => sum + each.amount_fen, 0);
  }

  /** The signature of this wallet's key that opens the lock; throws KEYS_MISSING where the keyring lacks that key. */
  async sign(words: PocketWords, digest: Bytes): Promise<Bytes> {
    if (words.number === null) return this.keys.sign(digest);
    return (await this.keys.pocketKey(words.number)).sign(digest);
  }

  #isGuard = (each: Pocket): boolean => each.pocket_id === this.keys.guard?.describedAs;

  async #asItStands(listed: Pocket): Promise<Pocket> {
    try {
      return await this.#told(listed.home, listed.pocket_id);
    } catch (error) {
      const silent = error instanceof NetworkError || error instanceof PeerError;
      if (!silent && !(error instanceof ProblemError && error.status >= 500)) throw error;
      return listed;
    }
  }

  async #told(home: number, pocketId: string): Promise<Pocket> {
    const found = await this.home.get<Pocket>(pocketPath(home, pocketId));
    if (found.home !== home || found.pocket_id !== pocketId) {
      throw new PeerError("the home tells of another pocket than was asked for");
    }
    return found;
  }

  async #listed(madeBy: PocketParty): Promise<Pocket[]> {
    const listed: Pocket[] = [];
    for (let after = ""; ; ) {
      const query = { made_by: madeBy, after, limit: PAGE };
      const page = await this.home.get<Schemas["PocketPage"]>("/v1/pockets", query);
      listed.push(...page.pockets);
      if (page.next === "" || page.next === after) return listed;
      after = page.next;
    }
  }

  async #own(told: Pocket, party: PocketParty): Promise<OwnPocket> {
    return new OwnPocket(told, party, await this.#words(told));
  }

  /** The words, if they are about this pocket's lock and it has a key of this wallet on their path. */
  async #words(told: Pocket): Promise<PocketWords | null> {
    try {
      const pocketId = fromHex(told.pocket_id);
      const words = PocketWords.decode(await this.keys.openSealed(fromBase64(told.sealed), pocketId));
      // A key that another device has is not known here to be this wallet's own: nothing is believed of it.
      const mine = words.number === null ? this.keys.mainKey : (await this.keys.pocketKey(words.number)).key;
      const fits = equal(words.lock.id(this.keys.domain), pocketId) && words.lock.keyFor(words.path).equals(mine);
      return fits ? words : null;
    } catch (error) {
      if (error instanceof TongbaoError) return null;
      throw error;
    }
  }
}

/** Where a home tells of a pocket, its own or another home's. */
export function pocketPath(home: number, pocketId: string): string {
  return `/v1/homes/${home}/pockets/${pocketId}`;
}
