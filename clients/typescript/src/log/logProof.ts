/**
 * What a receipt carries so that its entry can be found in the transparency log by whoever has the log's public keys
 * alone: C2SP's tlog-proof, which is a line that names it, the entry's index, the siblings up to the root, an empty
 * line, and the signed checkpoint.
 */

import { type Bytes, equal, toHex } from "../bytes.js";
import { Domain, HashKind } from "../domain.js";
import { HASH_BYTES } from "../encoding.js";
import { DecodingError, TongbaoError } from "../errors.js";
import { leafHash, rootFromPath } from "../merkle.js";
import { type Receipt, ReceiptInvalidError, receiptEntry } from "../receipt.js";
import { type Checkpoint, readCheckpoint, readSize } from "./checkpoint.js";
import { type SignedText, base64Bytes, readSignedText } from "./signedText.js";
import { type VerifierKey, verifySignedText } from "./verifierKey.js";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const INDEX = /^index (0|[1-9][0-9]{0,18})$/;
const PATH_MAX = 63; // a tree has fewer than 2^63 entries
const LINE_END = 0x0a;

/** A proof that does not lead from what it begins with to the root that it is to reach. */
export class ProofInvalidError extends TongbaoError {
  override name = "ProofInvalidError";

  constructor(message: string, field: string) {
    super(message, "PROOF_INVALID", field);
  }
}

/** Where an entry stands in a log, and a signed checkpoint that covers it. */
export interface LogProof {
  readonly index: bigint;
  /** The siblings from the entry's leaf up. */
  readonly path: readonly Bytes[];
  readonly signed: SignedText;
}

/** What a receipt with a log proof proves to whoever knows nothing but the log's keys. */
export interface LoggedReceipt {
  /** Its transaction, status and batch are proven. */
  readonly receipt: Receipt;
  /** Of its entry in the log. */
  readonly index: bigint;
  /** Which covers it. */
  readonly checkpoint: Checkpoint;
  /** Seconds since 1970 when the log held it at the latest; null where no signature that is read here has a time. */
  readonly loggedByS: number | null;
}

/** The origin of a network's log, which is the name of the log's keys, too. */
export function originOf(networkId: Bytes): string {
  return `tongbao/${toHex(networkId)}`;
}

/** The proof whose whole text is `data`. */
export function readLogProof(data: Bytes): LogProof {
  const end = data.findIndex((byte, place) => byte === LINE_END && data[place + 1] === LINE_END);
  const [first, second = "", ...path] = new TextDecoder().decode(data.slice(0, Math.max(end, 0))).split("\n");
  const index = INDEX.exec(second)?.[1];
  if (end < 0 || first !== FIRST_LINE || index === undefined) {
    throw new DecodingError(`a log proof begins with ${FIRST_LINE} and an index`, "log_proof");
  }
  if (path.length > PATH_MAX) throw new DecodingError(`a log proof has at most ${PATH_MAX} hashes`, "log_proof");
  return {
    index: readSize(index, "log_proof"),
    path: path.map((line) => base64Bytes(line, "log_proof")),
    signed: readSignedText(data.slice(end + 2)),
  };
}

/**
 * What the receipt proves, given the log's public keys; needs nothing else.
 *
 * The signature of the batch's head is checked too, by the key that it names: whether that key is the centre's, and with
 * it the batch's own time, only genesis tells.
 */
export function proveLogged(receipt: Receipt, keys: readonly VerifierKey[]): LoggedReceipt {
  if (!receipt.logProof.length) {
    throw new ReceiptInvalidError("the receipt carries no proof from the log: fetch one first", "log_proof");
  }
  const origin = originOf(receipt.head.networkId);
  if (!keys.length || keys.some((key) => key.name !== origin)) {
    throw new ReceiptInvalidError("the receipt is of another network than the log's keys", "network_id");
  }
  const proof = readLogProof(receipt.logProof);
  const domain = domainOf(receipt);
  const times = verifySignedText(proof.signed, keys);
  const checkpoint = readCheckpoint(proof.signed.text);
  demandIncluded(receiptEntry(receipt.transactionId, receipt.status, receipt.head.sequence, domain), proof, checkpoint);
  if (checkpoint.origin !== origin) throw new ReceiptInvalidError("the checkpoint is of another log", "log_proof");
  const known = times.filter((time) => time !== null);
  return { receipt, index: proof.index, checkpoint, loggedByS: known.length ? Math.min(...known) : null };
}

/** The ledger's domain: the one in which the receipt leads to its batch's head, whose signature holds. */
function domainOf(receipt: Receipt): Domain {
  const domains = [HashKind.Sha256, HashKind.Sm3].map((kind) => new Domain(receipt.head.networkId, kind));
  const found = domains.find((domain) => leadsToHead(receipt, domain));
  if (found === undefined) {
    throw new ReceiptInvalidError("the receipt does not belong to the batch that it names", "path");
  }
  return found;
}

function leadsToHead(receipt: Receipt, domain: Domain): boolean {
  try {
    receipt.verify(domain, [receipt.key]);
    return true;
  } catch (error) {
    if (error instanceof ReceiptInvalidError) return false;
    throw error;
  }
}

function demandIncluded(entry: Bytes, proof: LogProof, checkpoint: Checkpoint): void {
  // The log's own tree is of SHA-256, whatever the ledger's H is.
  const domain = new Domain(new Uint8Array(HASH_BYTES), HashKind.Sha256);
  let root: Bytes;
  try {
    root = rootFromPath(leafHash(entry, domain), proof.path, proof.index, checkpoint.size, domain);
  } catch (error) {
    if (error instanceof TongbaoError) throw new ProofInvalidError(error.message, "proof");
    throw error;
  }
  if (!equal(root, checkpoint.root)) {
    throw new ProofInvalidError("the proof does not lead from the entry to the root", "proof");
  }
}
