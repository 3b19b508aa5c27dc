/** Receipts and outcomes: what a party keeps to prove, offline and for ever, what the registration centre said. */

import { type Bytes, concat, equal } from "./bytes.js";
import type { Domain } from "./domain.js";
import { HASH_BYTES, type Reader, countU8, decodeWhole, sizedU16, u8, u16, u32, u64 } from "./encoding.js";
import { TongbaoError } from "./errors.js";
import { leafHash, rootFromPath } from "./merkle.js";
import { PublicKey, readSignature, verifySignature } from "./suites.js";

const RECEIPT_VERSION = 1;
const PATH_MAX = 32;

export class ReceiptInvalidError extends TongbaoError {
  override name = "ReceiptInvalidError";

  constructor(message: string, field: string) {
    super(message, "RECEIPT_INVALID", field);
  }
}

/** What the centre signs once per batch. */
export interface BatchHead {
  readonly networkId: Bytes;
  readonly sequence: bigint;
  readonly timeMs: bigint;
  readonly chainHead: Bytes;
  readonly receiptsRoot: Bytes;
  readonly count: number;
}

function encodeHead(head: BatchHead): Bytes {
  return concat(
    head.networkId,
    u64(head.sequence),
    u64(head.timeMs),
    head.chainHead,
    head.receiptsRoot,
    u32(head.count),
  );
}

function demandSigned(key: PublicKey, signature: Bytes, digest: Bytes): void {
  let valid = false;
  try {
    valid = verifySignature(key, signature, digest);
  } catch (error) {
    if (!(error instanceof TongbaoError)) throw error;
  }
  if (!valid) throw new ReceiptInvalidError("the centre's signature does not hold", "signature");
}

function demandKey(key: PublicKey, keys: readonly PublicKey[]): void {
  if (!keys.some((each) => each.equals(key))) {
    throw new ReceiptInvalidError("it is signed by a key that is not the centre's", "key");
  }
}

/** 32 bytes that commit to the verdict; its leaf in the batch's receipt tree and the log's entry are made of them. */
export function receiptEntry(transactionId: Bytes, status: number, sequence: bigint, domain: Domain): Bytes {
  return domain.hash("tongbao/receipt-leaf/1", concat(transactionId, u16(status), u64(sequence)));
}

export function receiptLeaf(transactionId: Bytes, status: number, sequence: bigint, domain: Domain): Bytes {
  return leafHash(receiptEntry(transactionId, status, sequence, domain), domain);
}

/** Proof of the status of one transaction in one batch; status 0 is settled. */
export class Receipt {
  constructor(
    readonly transactionId: Bytes,
    readonly status: number,
    readonly index: number,
    readonly path: readonly Bytes[],
    readonly head: BatchHead,
    readonly key: PublicKey,
    readonly signature: Bytes,
    readonly logProof: Bytes,
  ) {
    if (path.length > PATH_MAX) {
      throw new TongbaoError(`a path has at most ${PATH_MAX} hashes, this one ${path.length}`, "BAD_REQUEST", "path");
    }
  }

  /** Return if the receipt proves its status, given the centre's public keys; needs nothing else. */
  verify(domain: Domain, keys: readonly PublicKey[]): void {
    demandKey(this.key, keys);
    if (!equal(this.head.networkId, domain.networkId)) {
      throw new ReceiptInvalidError("the receipt is of another network", "network_id");
    }
    const signed = concat(encodeHead(this.head), this.key.encode());
    demandSigned(this.key, this.signature, domain.hash("tongbao/batch-head/1", signed));
    const leaf = receiptLeaf(this.transactionId, this.status, this.head.sequence, domain);
    if (!equal(this.#rootFrom(leaf, domain), this.head.receiptsRoot)) {
      throw new ReceiptInvalidError("the path does not lead to the signed root", "path");
    }
  }

  #rootFrom(leaf: Bytes, domain: Domain): Bytes {
    try {
      return rootFromPath(leaf, this.path, this.index, this.head.count, domain);
    } catch (error) {
      if (error instanceof TongbaoError) throw new ReceiptInvalidError(error.message, error.field);
      throw error;
    }
  }

  encode(): Bytes {
    return concat(
      u8(RECEIPT_VERSION),
      this.transactionId,
      u16(this.status),
      u32(this.index),
      countU8(this.path),
      encodeHead(this.head),
      this.key.encode(),
      sizedU16(this.signature),
      sizedU16(this.logProof),
    );
  }

  static decode = (data: Bytes): Receipt => decodeWhole(data, "receipt", readReceipt);
}

function readReceipt(reader: Reader): Receipt {
  if (reader.u8() !== RECEIPT_VERSION) throw reader.error("the version is unknown");
  const [transactionId, status, index] = [reader.take(HASH_BYTES), reader.u16(), reader.u32()];
  const path = reader.times(reader.u8(), (each) => each.take(HASH_BYTES));
  const head = {
    networkId: reader.take(HASH_BYTES),
    sequence: reader.u64(),
    timeMs: reader.u64(),
    chainHead: reader.take(HASH_BYTES),
    receiptsRoot: reader.take(HASH_BYTES),
    count: reader.u32(),
  };
  const [key, signature] = [PublicKey.read(reader), readSignature(reader)];
  const logProof = reader.sizedU16();
  return reader.build(() => new Receipt(transactionId, status, index, path, head, key, signature, logProof));
}

/** The centre's signed word on whether a transaction has settled; absence counts only past its expiry. */
export class Outcome {
  constructor(
    readonly networkId: Bytes,
    readonly transactionId: Bytes,
    readonly settled: boolean,
    readonly sequence: bigint,
    readonly timeMs: bigint,
    readonly key: PublicKey,
    readonly signature: Bytes,
  ) {}

  #terms(): Bytes {
    const place = concat(u64(this.sequence), u64(this.timeMs));
    return concat(this.networkId, this.transactionId, u8(this.settled ? 1 : 0), place, this.key.encode());
  }

  signingDigest(domain: Domain): Bytes {
    return domain.hash("tongbao/outcome/1", this.#terms());
  }

  verify(domain: Domain, keys: readonly PublicKey[]): void {
    if (!equal(this.networkId, domain.networkId)) {
      throw new ReceiptInvalidError("the outcome is of another network", "network_id");
    }
    demandKey(this.key, keys);
    demandSigned(this.key, this.signature, this.signingDigest(domain));
  }

  /** Whether the transaction, which expires at `expiryMs`, can never settle any more. */
  provesAbsence(expiryMs: bigint): boolean {
    return !this.settled && this.timeMs > expiryMs;
  }

  encode(): Bytes {
    return concat(this.#terms(), sizedU16(this.signature));
  }

  static decode = (data: Bytes): Outcome => decodeWhole(data, "outcome", readOutcome);
}

function readOutcome(reader: Reader): Outcome {
  const [networkId, transactionId, settled] = [reader.take(HASH_BYTES), reader.take(HASH_BYTES), reader.flag()];
  const [sequence, timeMs] = [reader.u64(), reader.u64()];
  const [key, signature] = [PublicKey.read(reader), readSignature(reader)];
  return new Outcome(networkId, transactionId, settled, sequence, timeMs, key, signature);
}
