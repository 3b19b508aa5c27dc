/** One payment, without the world: whether a preparation is what the holder wants, and the signature. */

import type { components } from "./api/institution.js";
import { Acceptance } from "./acceptance.js";
import { type Bytes, equal, fromBase64, fromHex, toBase64, toHex } from "./bytes.js";
import { CURRENCY, Coin } from "./coin.js";
import { PeerError } from "./errors.js";
import type { Genesis } from "./genesis.js";
import type { Keyring } from "./keyring.js";
import { type KeptCoin, keptCoin, openingOf, sourceOf } from "./purse.js";
import { type LockProof, verifyLockProof, walletInProof } from "./stock.js";
import { ACCEPTANCE_TYPE, Body, Kind, Transaction, spendDigest } from "./transaction.js";

export type Preparation = components["schemas"]["Preparation"];
export type Payee = components["schemas"]["PrepareRequest"]["payee"];

/** What the holder wants; home and wallet are null where only the home knows them. */
export interface Intent {
  /** In the wallet's words; the same name is the same payment, however often it is asked for. */
  readonly name: string;
  readonly payee: Partial<Payee>;
  readonly amountFen: number;
  readonly payeeHome: number | null;
  readonly payeeWalletId: string | null;
  /** Of a payment to a lock of the wallet's own: which coins move, and where to. */
  readonly own?: { readonly coins: readonly KeptCoin[]; readonly lock: ChangeLock };
}

/** What the wallet calls the payment of an order; who keeps more of a payment finds it again by its name. */
export function orderPaymentName(home: number, orderId: string): string {
  return `order ${home} ${orderId}`;
}

/** As {@link orderPaymentName}, of the payment to a person that this request is. */
export function personPaymentName(address: string, requestId: string): string {
  return `person ${address} ${requestId}`;
}

/** A payment that the wallet has signed, as it is kept: the bytes are the same in every attempt. */
export interface KeptPayment {
  readonly name: string;
  readonly paymentId: string;
  readonly amountFen: number;
  readonly transaction: string;
  readonly transactionId: string;
  readonly coinIds: readonly string[];
  readonly change: KeptCoin | null;
  readonly expiryMs: number;
  readonly state: "signed" | "settled" | "never";
  readonly receipt: string | null;
}

/** The proof as messages carry it. */
export function proofOf(proof: Preparation["proof"]): LockProof {
  return {
    lockId: fromHex(proof.lock_id),
    key: fromBase64(proof.key),
    index: proof.index,
    count: proof.count,
    path: proof.path.map((hash) => fromHex(hash)),
    signature: fromBase64(proof.signature),
    salt: proof.salt == null ? null : fromHex(proof.salt),
  };
}

function other(what: string): PeerError {
  return new PeerError(`the home prepares another payment than was asked for: ${what}; nothing was signed`);
}

/** Return if paying as prepared is what the holder wants; `home` is the wallet's own. */
export function checkPreparation(
  preparation: Preparation,
  intent: Intent,
  anchor: string,
  home: number,
  genesis: Genesis,
): void {
  if (preparation.amount_fen !== intent.amountFen) throw other(`${preparation.amount_fen} fen`);
  if (intent.payeeHome !== null && preparation.payee_home !== intent.payeeHome) throw other("to another home");
  if (intent.payeeWalletId !== null && preparation.payee_wallet_id !== intent.payeeWalletId) {
    throw other("to another wallet");
  }
  const ahead = BigInt(preparation.expiry_ms - preparation.time_ms);
  if (ahead <= 0n || ahead > genesis.expiryAheadMaxMs) throw other("it expires too late, or has expired");
  const proof = proofOf(preparation.proof);
  checkLock(preparation, proof, intent, genesis);
  if (preparation.payee_home !== home) checkAcceptance(preparation, proof.lockId, anchor);
  else if (preparation.acceptance != null) throw other("with an acceptance, which a payment within one home has not");
}

/** A pocket's lock and an own one are those that the wallet named; any other is the payee's. */
function checkLock(preparation: Preparation, proof: LockProof, intent: Intent, { domain }: Genesis): void {
  const named = intent.payee.pocket_id ?? intent.payee.own_lock;
  if (named != null) {
    if (preparation.proof.lock_id !== named) throw other("to another lock");
    return;
  }
  const walletId = preparation.payee_wallet_id;
  verifyLockProof(proof, walletId == null ? walletInProof(proof, domain) : fromHex(walletId), domain);
}

function checkAcceptance(preparation: Preparation, lockId: Bytes, anchor: string): void {
  if (preparation.acceptance == null) throw other("without the other home's acceptance");
  const acceptance = Acceptance.decode(fromBase64(preparation.acceptance));
  if (acceptance.home !== preparation.payee_home || !equal(acceptance.anchor, fromHex(anchor))) {
    throw other("the acceptance is for another one");
  }
  if (acceptance.valueMax(lockId, CURRENCY) < BigInt(preparation.amount_fen)) {
    throw other("the acceptance is for less, or for another lock");
  }
}

/** Where change goes: a lock of the wallet's own. */
export interface ChangeLock {
  readonly index: number;
  readonly lockId: Bytes;
}

/** What the coins are worth beyond the amount. */
export function changeFenOf(coins: readonly KeptCoin[], amountFen: number): number {
  return coins.reduce((sum, coin) => sum + coin.valueFen, 0) - amountFen;
}

/** Pay as prepared with just these coins; `changeLock` is null where nothing comes back. */
export async function signPayment(
  preparation: Preparation,
  intent: Intent,
  coins: readonly KeptCoin[],
  home: number,
  keys: Keyring,
  changeLock: ChangeLock | null,
): Promise<KeptPayment> {
  const changeFen = changeFenOf(coins, preparation.amount_fen);
  const lockId = fromHex(preparation.proof.lock_id);
  const outputs = [new Coin(CURRENCY, BigInt(preparation.amount_fen), preparation.payee_home, lockId)];
  if (changeLock !== null) outputs.push(new Coin(CURRENCY, BigInt(changeFen), home, changeLock.lockId));
  const acceptance = preparation.acceptance;
  const body = new Body({
    kind: Kind.Transfer,
    expiryMs: BigInt(preparation.expiry_ms),
    reference: fromHex(preparation.reference),
    inputs: coins.map(openingOf),
    outputs,
    authorisations: acceptance == null ? [] : [{ type: ACCEPTANCE_TYPE, content: fromBase64(acceptance) }],
  });
  const id = body.transactionId(keys.domain);
  const digest = spendDigest(id, keys.domain);
  const witnesses = await keys.witnesses(coins.map(sourceOf), digest);
  const back = intent.own?.lock ?? changeLock;
  const place = intent.own ? 0 : 1;
  const returned = outputs[place];
  return {
    name: intent.name,
    paymentId: preparation.payment_id,
    amountFen: preparation.amount_fen,
    transaction: toBase64(new Transaction(body, witnesses).encode()),
    transactionId: toHex(id),
    coinIds: coins.map((coin) => coin.coinId),
    change: returned && back ? keptCoin(id, place, returned, back.index, keys.domain) : null,
    expiryMs: preparation.expiry_ms,
    state: "signed",
    receipt: null,
  };
}
