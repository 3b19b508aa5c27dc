/** What proves to a wallet that money moved, or never will: the registration centre's receipts and outcomes. */

import type { components } from "./api/registration.js";
import { fromBase64, toHex } from "./bytes.js";
import { PeerError } from "./errors.js";
import type { Genesis } from "./genesis.js";
import { LedgerTime } from "./ledgerTime.js";
import { Outcome, Receipt } from "./receipt.js";
import type { SignedClient } from "./signedClient.js";
import { PublicKey } from "./suites.js";

type Schemas = components["schemas"];

/** The keys with which the centre signs; one that is not known yet is asked for. */
export class CentreKeys {
  /** Knows the newest time of the receipts that were shown here. */
  readonly time = new LedgerTime();
  #known: readonly PublicKey[];

  constructor(
    private readonly centre: SignedClient,
    private readonly genesis: Genesis,
  ) {
    this.#known = genesis.receiptKeys;
  }

  /** Return if the receipt proves that just this transaction settled. */
  async demandSettled(receipt: string | null, transactionId: string): Promise<void> {
    if (receipt === null) throw new PeerError("the home says that it settled, and shows no receipt");
    const proof = Receipt.decode(fromBase64(receipt));
    proof.verify(this.genesis.domain, await this.#knownWith(proof.key));
    if (toHex(proof.transactionId) !== transactionId || proof.status !== 0) {
      throw new PeerError("the receipt proves something else than that the payment settled");
    }
    this.time.heard(Number(proof.head.timeMs));
  }

  /** Whether the centre signs that the transaction has not settled, past its expiry. */
  async provesAbsence(transactionId: string, expiryMs: number): Promise<boolean> {
    const answer = await this.centre.get<Schemas["OutcomeAnswer"]>(`/v1/outcomes/${transactionId}`);
    const outcome = Outcome.decode(fromBase64(answer.outcome));
    outcome.verify(this.genesis.domain, await this.#knownWith(outcome.key));
    return toHex(outcome.transactionId) === transactionId && outcome.provesAbsence(BigInt(expiryMs));
  }

  async #knownWith(key: PublicKey): Promise<readonly PublicKey[]> {
    if (!this.#known.some((each) => each.equals(key))) {
      const directory = await this.centre.get<Schemas["Directory"]>("/v1/institutions");
      const told = directory.receipt_keys.map((each) => PublicKey.decode(fromBase64(each)));
      this.#known = [...this.genesis.receiptKeys, ...told];
    }
    return this.#known;
  }
}
