/** Taking the money out of a pocket into this wallet; the other one may do so, too, and whoever is first has it. */

import type { components } from "./api/institution.js";
import { fromBase64, fromHex, toBase64, toHex } from "./bytes.js";
import type { CentreKeys } from "./centreKeys.js";
import { CURRENCY, Coin, Input } from "./coin.js";
import { NetworkError, PeerError, ProblemError, TongbaoError } from "./errors.js";
import type { Keyring } from "./keyring.js";
import type { TimedLock } from "./lock.js";
import { proofOf } from "./payment.js";
import { type OwnPocket, type PocketShelf, pocketPath } from "./pocketShelf.js";
import type { PocketWords } from "./pocketWords.js";
import { type SignedClient, sleep } from "./signedClient.js";
import { verifyLockProof } from "./stock.js";
import { ACCEPTANCE_TYPE, Body, Kind, Transaction, spendDigest } from "./transaction.js";

type Schemas = components["schemas"];
type Terms = Schemas["PocketTerms"];

/** Six askings of a home that has it and does not know yet wait five seconds. */
const TAKINGS_MAX = 6;
const PAUSE_MS = 250;

export class TakingOut {
  constructor(
    private readonly keys: Keyring,
    private readonly shelf: PocketShelf,
    private readonly home: SignedClient,
    private readonly homeNumber: number,
    private readonly centreKeys: CentreKeys,
  ) {}

  /** Take the money out; done before, it stays done. Nothing of it is kept: any number of attempts settles once. */
  async take(home: number, pocketId: string): Promise<OwnPocket> {
    let pocket = await this.shelf.find(home, pocketId);
    if (pocket.told.state !== "taken") {
      await this.#settled(pocket, await this.#sign(pocket));
      pocket = await this.shelf.find(home, pocketId);
    }
    demandMine(pocket);
    return pocket;
  }

  /** The transaction that takes the money out, on terms of this wallet's home. */
  async #sign(pocket: OwnPocket): Promise<Transaction> {
    const words = this.#openable(pocket);
    const terms = await this.#post<Terms>(pocket, "terms", {});
    this.#check(terms, pocket, words);
    const spent = coinIn(pocket);
    const body = new Body({
      kind: Kind.Transfer,
      expiryMs: BigInt(terms.expiry_ms),
      reference: fromHex(terms.reference),
      inputs: [spent],
      outputs: [this.#output(spent.coin.value, terms)],
      authorisations:
        terms.acceptance == null ? [] : [{ type: ACCEPTANCE_TYPE, content: fromBase64(terms.acceptance) }],
    });
    const digest = spendDigest(body.transactionId(this.keys.domain), this.keys.domain);
    const signature = await this.shelf.sign(words, digest);
    return new Transaction(body, [{ lock: words.lock, path: words.path, signature }]);
  }

  #output(value: bigint, terms: Terms): Coin {
    return new Coin(CURRENCY, value, this.homeNumber, fromHex(terms.proof.lock_id));
  }

  #post<T>(pocket: OwnPocket, what: "terms" | "takings", message: object): Promise<T> {
    const path = `${pocketPath(pocket.told.home, pocket.told.pocket_id)}/${what}`;
    return this.home.post<T>(path, message, crypto.randomUUID());
  }

  /** What opens it now; or else why it does not open. */
  #openable(pocket: OwnPocket): PocketWords {
    const { words, opensAtMs, told } = pocket;
    if (words === null || opensAtMs === null) {
      throw refusal(
        "what was sealed for this wallet cannot be read, so nobody knows what opens the lock",
        "POCKET_UNREADABLE",
        "ask who made the pocket; its money goes back there when the time has come",
      );
    }
    const leftMs = opensAtMs - told.time_ms;
    if (leftMs > 0) {
      throw refusal(
        `the pocket opens for this wallet in ${Math.ceil(leftMs / 1000)} seconds of ledger time`,
        "POCKET_NOT_YET_OPEN",
        "wait until then; until then only the other one can take the money",
      );
    }
    const { lock } = words;
    if (lock.isRestricted && lock.locks.length === 0 && !lock.homes.includes(this.homeNumber)) throw restricted(lock);
    return words;
  }

  /** See that the terms pay this wallet, so that nothing that is signed pays anybody else. */
  #check(terms: Terms, pocket: OwnPocket, words: PocketWords): void {
    verifyLockProof(proofOf(terms.proof), this.keys.walletId, this.keys.domain);
    this.centreKeys.time.demandNotAhead(terms.expiry_ms);
    if (terms.amount_fen !== pocket.told.amount_fen) {
      throw new PeerError("the home names terms for another amount than lies in the pocket; nothing was signed");
    }
    const output = this.#output(BigInt(terms.amount_fen), terms);
    if (!words.lock.permits(output, fromHex(pocket.told.pocket_id))) throw restricted(words.lock);
  }

  /** Return once it has settled; one that loses against another taking is no error here, but what is found then. */
  async #settled(pocket: OwnPocket, transaction: Transaction): Promise<void> {
    const taking = { transaction: toBase64(transaction.encode()) };
    for (let attempt = 1; attempt <= TAKINGS_MAX; attempt++) {
      const taken = await this.#taken(pocket, taking);
      if (taken === null) return;
      if (taken.state === "settled") {
        return this.centreKeys.demandSettled(taken.receipt, toHex(transaction.id(this.keys.domain)));
      }
      if ((taken.state === "refused" || taken.state === "absent") && taken.status !== "INPUT_NOT_UNSPENT") {
        throw refusal(
          `the registration centre refuses it for now: ${taken.status}`,
          taken.status,
          "ask again; the money is where it was",
        );
      }
      await sleep(PAUSE_MS * attempt);
      if ((await this.shelf.find(pocket.told.home, pocket.told.pocket_id)).told.state === "taken") return;
    }
    throw new NetworkError("nobody can say yet whether the money was taken out of the pocket; asking again is safe");
  }

  /** What became of it; null where somebody has taken the money already. */
  async #taken(pocket: OwnPocket, taking: object): Promise<Schemas["PocketTaken"] | null> {
    try {
      return await this.#post<Schemas["PocketTaken"]>(pocket, "takings", taking);
    } catch (error) {
      if (error instanceof ProblemError && error.code === "POCKET_TAKEN") return null;
      throw error;
    }
  }
}

function coinIn({ told: { coin } }: OwnPocket): Input {
  if (coin === null) {
    throw refusal(
      "nothing is in the pocket yet",
      "POCKET_EMPTY",
      "wait until it is filled; its maker can ask the wallet to resume",
    );
  }
  const lies = new Coin(coin.asset, BigInt(coin.value), coin.home, fromHex(coin.lock_id));
  return new Input(fromHex(coin.origin), coin.index, lies);
}

function demandMine({ told, party }: OwnPocket): void {
  if (told.taken_by === party) return;
  throw refusal(
    `${party === "other" ? told.maker_address : told.other_address} has taken the money of this pocket`,
    "POCKET_TAKEN",
    "only one of the two can have it, and the other one was first",
  );
}

function restricted(lock: TimedLock): TongbaoError {
  const homes = lock.homes.join(", ") || "none";
  return refusal(
    `the money of this pocket may go to these homes only: ${homes}; and to ${lock.locks.length} locks that it names`,
    "POCKET_RESTRICTED",
    "take it out with a wallet of the same phrase at one of those homes",
  );
}

function refusal(message: string, code: string, cure: string): TongbaoError {
  return new TongbaoError(message, code, "pocket_id", cure);
}
