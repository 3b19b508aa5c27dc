/**
 * A transaction: what a wallet signs. Body and witnesses are apart, so that its id does not depend on signatures.
 *
 * What control transactions do is a matter of central banks: their operation stays the bytes that it is.
 */

import { type Bytes, concat } from "./bytes.js";
import { Coin, Input } from "./coin.js";
import type { Domain } from "./domain.js";
import {
  HASH_BYTES,
  type Reader,
  countU8,
  countU16,
  decodeWhole,
  demandBytes,
  sizedU16,
  sizedU32,
  u8,
  u64,
} from "./encoding.js";
import { DecodingError } from "./errors.js";
import { type Lock, readLock } from "./lock.js";
import { PublicKey, readSignature } from "./suites.js";

const BODY_VERSION = 1;
const TRANSACTION_BYTES_MAX = 512 * 1024;
export const ACCEPTANCE_TYPE = 1;

export enum Kind {
  Transfer = 1,
  Issue = 2,
  Redeem = 3,
  Control = 4,
}

/** Somebody else's signed word that a body carries; type 1 is an acceptance. */
export interface Authorisation {
  readonly type: number;
  readonly content: Bytes;
}

export interface BodyFields {
  readonly kind: Kind;
  readonly expiryMs: bigint;
  readonly reference: Bytes;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Coin[];
  readonly authorisations: readonly Authorisation[];
  /** Of issue and control: last + 1 of its authority and subject. */
  readonly serial?: bigint;
  /** Of control: number and payload of the operation. */
  readonly operation?: Bytes;
}

/** What is to happen, and what the transaction's id commits to. */
export class Body {
  constructor(readonly fields: BodyFields) {
    demandBytes("reference", fields.reference, HASH_BYTES);
  }

  encode(): Bytes {
    const fields = this.fields;
    return concat(
      u8(BODY_VERSION),
      u8(fields.kind),
      u64(fields.expiryMs),
      fields.reference,
      countU16(fields.inputs.map((each) => each.encode())),
      countU16(fields.outputs.map((each) => each.encode())),
      countU8(fields.authorisations.map((each) => concat(u8(each.type), sizedU16(each.content)))),
      fields.kind === Kind.Issue || fields.kind === Kind.Control ? u64(fields.serial ?? 0n) : new Uint8Array(),
      fields.operation ?? new Uint8Array(),
    );
  }

  transactionId(domain: Domain): Bytes {
    return domain.hash("tongbao/transaction/1", concat(domain.networkId, this.encode()));
  }

  static decode = (data: Bytes): Body => decodeWhole(data, "transaction body", readBody);
}

function readBody(reader: Reader): Body {
  const version = reader.u8();
  if (version !== BODY_VERSION) throw reader.error(`version ${version} is unknown`);
  const kind = reader.u8();
  if (kind < Kind.Transfer || kind > Kind.Control) throw reader.error(`transaction kind ${kind} is unknown`);
  const [expiryMs, reference] = [reader.u64(), reader.take(HASH_BYTES)];
  const inputs = reader.times(reader.u16(), Input.read);
  const outputs = reader.times(reader.u16(), Coin.read);
  const authorisations = reader.times(reader.u8(), (each) => ({ type: each.u8(), content: each.sizedU16() }));
  const serial = kind === Kind.Issue || kind === Kind.Control ? { serial: reader.u64() } : {};
  const operation = kind === Kind.Control ? { operation: readOperation(reader) } : {};
  return new Body({ kind, expiryMs, reference, inputs, outputs, authorisations, ...serial, ...operation });
}

function readOperation(reader: Reader): Bytes {
  if (!reader.left) throw reader.error("a control transaction has an operation");
  return reader.rest();
}

/** What the owner of an input signs. */
export function spendDigest(transactionId: Bytes, domain: Domain): Bytes {
  return domain.hash("tongbao/spend/1", transactionId);
}

/** What an officer signs. */
export function approveDigest(transactionId: Bytes, domain: Domain): Bytes {
  return domain.hash("tongbao/approve/1", transactionId);
}

/** Why an input may be spent: the revealed lock, the way by which it is opened, and that way's signature. */
export interface Witness {
  readonly lock: Lock;
  readonly path: number;
  readonly signature: Bytes;
}

export interface Approval {
  readonly key: PublicKey;
  readonly signature: Bytes;
}

export class Transaction {
  constructor(
    readonly body: Body,
    readonly witnesses: readonly Witness[],
    readonly approvals: readonly Approval[] = [],
  ) {}

  id(domain: Domain): Bytes {
    return this.body.transactionId(domain);
  }

  encode(): Bytes {
    const witnesses = this.witnesses.map((each) => concat(each.lock.encode(), u8(each.path), sizedU16(each.signature)));
    const approvals = this.approvals.map((each) => concat(each.key.encode(), sizedU16(each.signature)));
    return concat(sizedU32(this.body.encode()), countU16(witnesses), countU8(approvals));
  }

  static decode(data: Bytes): Transaction {
    if (data.length > TRANSACTION_BYTES_MAX) {
      throw new DecodingError(`a transaction has at most ${TRANSACTION_BYTES_MAX} bytes`, "transaction");
    }
    return decodeWhole(data, "transaction", readTransaction);
  }
}

function readTransaction(reader: Reader): Transaction {
  const body = reader.sizedU32(TRANSACTION_BYTES_MAX);
  const witnesses = reader.times(reader.u16(), (each) => ({
    lock: readLock(each),
    path: each.u8(),
    signature: readSignature(each),
  }));
  const approvals = reader.times(reader.u8(), (each) => ({
    key: PublicKey.read(each),
    signature: readSignature(each),
  }));
  if (reader.left) throw reader.error(`${reader.left} bytes too many`);
  return new Transaction(Body.decode(body), witnesses, approvals);
}
