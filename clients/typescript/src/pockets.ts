/**
 * Pockets: money that this wallet and another one can open, the one at any time and the other from a ledger time on.
 *
 * Nothing of a pocket is kept on this machine: its home keeps the words about it, sealed for each of the two, so that
 * the phrase alone gives it back.
 */

import { Address } from "./address.js";
import { ascii, equal, fromBase64, fromHex, toBase64, toHex } from "./bytes.js";
import { PeerError, TongbaoError } from "./errors.js";
import type { Keyring } from "./keyring.js";
import { walletIdOf } from "./keys.js";
import { Path, TimedLock } from "./lock.js";
import type { Intent, KeptPayment } from "./payment.js";
import { payeeAt } from "./payees.js";
import type { OwnPocket, PocketShelf } from "./pocketShelf.js";
import type { TakingOut } from "./pocketTaking.js";
import { PURPOSE_BYTES_MAX, PocketWords } from "./pocketWords.js";
import { EPHEMERAL_BYTES, seal } from "./sealing.js";
import type { SignedClient } from "./signedClient.js";
import { PublicKey } from "./suites.js";
import { Transaction } from "./transaction.js";

/** What a holder wants to put aside. */
export interface PocketWish {
  /** Of the other one who can open it. */
  readonly address: string;
  readonly amountFen: number;
  /** The ledger time from which the later of the two opens it. */
  readonly laterFromMs: number;
  /** For both to read and nobody else. */
  readonly purpose?: string;
  /** The only homes where the money may go; without them anywhere. */
  readonly homes?: readonly number[];
}

/** What pockets need of their wallet. */
export interface PocketOwner {
  readonly address: Address;
  /** The newest ledger time that its home tells. */
  readonly timeMs: () => Promise<number>;
  readonly pay: (intent: Intent) => Promise<KeptPayment>;
  readonly sync: () => Promise<unknown>;
}

interface Made {
  readonly lock: TimedLock;
  readonly number: number;
  readonly savings: boolean;
  readonly purpose: string;
}

export class Pockets {
  constructor(
    private readonly keys: Keyring,
    private readonly home: SignedClient,
    private readonly shelf: PocketShelf,
    private readonly taking: TakingOut,
    private readonly owner: PocketOwner,
  ) {}

  // --- look, and take out -------------------------------------------------------------------------------------------

  /** Every pocket whose money can still be taken, as it stands where it lies, newest first; made ones first. */
  all = (): Promise<OwnPocket[]> => this.shelf.all();

  /** Every pocket that there ever was, as last heard of. */
  past = (): Promise<OwnPocket[]> => this.shelf.past();

  /** A pocket as it stands at the home where it lies. */
  find = (home: number, pocketId: string): Promise<OwnPocket> => this.shelf.find(home, pocketId);

  /** What lies in pockets that this wallet has made, and nobody has taken; it is in no balance. */
  asideFen = (): Promise<number> => this.shelf.asideFen();

  /** Take the money out into this wallet; done before, it stays done, and no answer means: ask again. */
  async take(home: number, pocketId: string): Promise<OwnPocket> {
    const taken = await this.taking.take(home, pocketId);
    await this.owner.sync();
    return taken;
  }

  // --- put in -------------------------------------------------------------------------------------------------------

  /** Put money aside for the other one, who opens it at any time; from then on it may come back. */
  give = (wish: PocketWish, requestId: string = crypto.randomUUID()): Promise<OwnPocket> =>
    this.#put(wish, false, requestId);

  /** Put money aside that stays this wallet's own; from then on the other one may take it, too. */
  save = (wish: PocketWish, requestId: string = crypto.randomUUID()): Promise<OwnPocket> =>
    this.#put(wish, true, requestId);

  /** The same request id in the same words is the same pocket, paid into once. */
  async #put(wish: PocketWish, savings: boolean, requestId: string): Promise<OwnPocket> {
    const other = this.#other(wish);
    const theirKey = await this.#keyOf(other);
    if (wish.laterFromMs <= (await this.owner.timeMs())) throw wrong("later_from_ms", "name a time that is still to come");
    const number = await this.keys.pocketNumber(requestId);
    const lock = await this.#lock(wish, savings, theirKey, number);
    const made = { lock, number, savings, purpose: wish.purpose ?? "" };
    const pocketId = toHex(made.lock.id(this.keys.domain));
    const request = {
      pocket_id: pocketId,
      other_address: other.toString(),
      amount_fen: wish.amountFen,
      sealed_for_maker: await this.#sealed(made, this.keys.mainKey, true),
      sealed_for_other: await this.#sealed(made, theirKey, false),
    };
    await this.home.post("/v1/pockets", request, crypto.randomUUID());
    await this.#fill(pocketId, wish.amountFen, `pocket ${requestId}`);
    return this.shelf.find(this.owner.address.home, pocketId);
  }

  #other(wish: PocketWish): Address {
    const other = Address.parse(wish.address);
    const { homes = [], purpose = "" } = wish;
    if (other.testNetwork !== this.owner.address.testNetwork) {
      throw wrong("address", "the address is of another network: ask for another");
    }
    if (equal(other.walletId, this.keys.walletId)) {
      throw wrong("address", "a pocket is opened by two wallets: name another one");
    }
    if (homes.length && !(homes.includes(other.home) && homes.includes(this.owner.address.home))) {
      throw wrong("homes", "name the homes of both, or one of them could never take the money");
    }
    if (ascii(purpose).length > PURPOSE_BYTES_MAX) throw wrong("purpose", `say it in at most ${PURPOSE_BYTES_MAX} bytes`);
    return other;
  }

  /** The main key that the address stands for; that it is so, this wallet sees for itself. */
  async #keyOf(other: Address): Promise<PublicKey> {
    const found = await payeeAt(this.home, other.toString(), "");
    if (found.main_key == null) {
      throw new PeerError(`home ${other.home} does not tell the payee's key: it needs a newer version`);
    }
    const key = PublicKey.ed25519(fromHex(found.main_key));
    if (!equal(walletIdOf(key, this.keys.domain), other.walletId)) {
      throw new PeerError("the payee's home names a key that is not the address's");
    }
    return key;
  }

  async #lock(wish: PocketWish, savings: boolean, theirKey: PublicKey, number: number): Promise<TimedLock> {
    const own = await this.keys.pocketKey(number);
    const [first, later] = savings ? [own.key, theirKey] : [theirKey, own.key];
    const homes = [...new Set(wish.homes ?? [])].sort((one, next) => one - next);
    return new TimedLock(first, later, BigInt(wish.laterFromMs), homes, [], own.salt);
  }

  /** The words for the maker, who has a number, or for the other one. */
  async #sealed(made: Made, reader: PublicKey, forMaker: boolean): Promise<string> {
    const path = made.savings === forMaker ? Path.A : Path.B;
    const words = new PocketWords(made.lock, path, forMaker ? made.number : null, made.purpose);
    const entropy = crypto.getRandomValues(new Uint8Array(EPHEMERAL_BYTES));
    return toBase64(await seal(words.encode(), reader.key, made.lock.id(this.keys.domain), entropy));
  }

  async #fill(pocketId: string, amountFen: number, name: string): Promise<void> {
    const payee = { pocket_id: pocketId };
    const paid = await this.owner.pay({ name, payee, amountFen, payeeHome: this.owner.address.home, payeeWalletId: null });
    const [output] = Transaction.decode(fromBase64(paid.transaction)).body.fields.outputs;
    if (output === undefined || toHex(output.lockId) !== pocketId) {
      throw new TongbaoError(
        "this request id was another pocket's, for somebody else or until another time",
        "REQUEST_REUSED",
        "request_id",
        "give another pocket another request id",
      );
    }
  }
}

function wrong(field: string, cure: string): TongbaoError {
  return new TongbaoError(`${field}: ${cure}`, "INVALID_FIELD", field, cure);
}
