/** Whether a payment stands in the network's transparency log: the proof is fetched once, kept, and verified here. */

import { ProblemError, Receipt, TongbaoError, proveLogged, readVerifierKey, toHex } from "@tongbao/client";

export type LogStanding =
  | {
      readonly kind: "logged";
      readonly index: bigint;
      /** How many entries the log had. */
      readonly size: bigint;
      /** The receipt with its proof in it. */
      readonly receipt: Uint8Array;
    }
  /** The log is a second or so behind what settles. */
  | { readonly kind: "waiting" }
  /** The network keeps no log, or its log has nothing of this. */
  | { readonly kind: "none" }
  /** Nobody could be asked, and no proof is kept here. */
  | { readonly kind: "unreachable" }
  | { readonly kind: "false"; readonly code: string };

/** Where proofs come from. */
export interface LogSource {
  /** The log's public keys, as C2SP writes verifier keys; none where there is no log. */
  readonly keys: readonly string[];
  /** The receipt with its proof that this device keeps. */
  kept(transactionId: string): Promise<Uint8Array | undefined>;
  keep(transactionId: string, receipt: Uint8Array): Promise<void>;
  /** The registration centre's answer. */
  ask(transactionId: string): Promise<Uint8Array>;
}

const [NOT_FOUND, UNAVAILABLE] = [404, 503];

/** How a settled transaction stands in the log; whatever comes of it, the receipt itself is as good as before. */
export async function logStandingOf(transactionId: string, source: LogSource): Promise<LogStanding> {
  if (!source.keys.length) return { kind: "none" };
  const kept = await source.kept(transactionId).catch(() => undefined);
  const known = kept && provenBy(kept, transactionId, source.keys);
  if (known?.kind === "logged") return known;
  let answer: Uint8Array;
  try {
    answer = await source.ask(transactionId);
  } catch (error) {
    return standingAfter(error);
  }
  const standing = provenBy(answer, transactionId, source.keys);
  // What the device cannot keep or find is fetched again the next time.
  if (standing.kind === "logged") await source.keep(transactionId, answer).catch(() => undefined);
  return standing;
}

function provenBy(bytes: Uint8Array, transactionId: string, keys: readonly string[]): LogStanding {
  try {
    const { receipt, index, checkpoint } = proveLogged(Receipt.decode(bytes), keys.map(readVerifierKey));
    if (receipt.status !== 0) return { kind: "false", code: "RECEIPT_REFUSAL" };
    if (toHex(receipt.transactionId) !== transactionId) return { kind: "false", code: "RECEIPT_OTHER" };
    return { kind: "logged", index, size: checkpoint.size, receipt: bytes };
  } catch (error) {
    if (error instanceof TongbaoError) return { kind: "false", code: error.code };
    throw error;
  }
}

function standingAfter(error: unknown): LogStanding {
  if (!(error instanceof TongbaoError)) throw error;
  if (!(error instanceof ProblemError)) return { kind: "unreachable" };
  if (error.status === NOT_FOUND) return { kind: "none" };
  return { kind: error.status === UNAVAILABLE ? "waiting" : "unreachable" };
}
