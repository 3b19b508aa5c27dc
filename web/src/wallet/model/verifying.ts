/** Whether a receipt proves what the history says, worked out here: nobody is asked. */

import { type Genesis, type KeptPayment, Receipt, TongbaoError, Transaction, fromBase64, toHex } from "@tongbao/client";
import type { Entry } from "./history";

export type Verdict =
  | {
      readonly kind: "genuine";
      readonly batch: string;
      readonly timeMs: number;
      /** Whether the amount was compared with a transaction that this device signed. */
      readonly amountToo: boolean;
    }
  | { readonly kind: "false"; readonly code: string };

/** What the receipt of the entry proves. */
export function verdictOf(entry: Entry, genesis: Genesis, payments: readonly KeptPayment[]): Verdict {
  try {
    const receipt = Receipt.decode(fromBase64(entry.receipt ?? "", "receipt"));
    receipt.verify(genesis.domain, genesis.receiptKeys);
    if (receipt.status !== 0) return { kind: "false", code: "RECEIPT_REFUSAL" };
    if (toHex(receipt.transactionId) !== entry.transactionId) return { kind: "false", code: "RECEIPT_OTHER" };
    const own = payments.find((each) => each.transactionId === entry.transactionId);
    if (own && !signedAmountFits(own, entry, genesis)) return { kind: "false", code: "RECEIPT_OTHER" };
    const { sequence, timeMs } = receipt.head;
    return { kind: "genuine", batch: sequence.toString(), timeMs: Number(timeMs), amountToo: own !== undefined };
  } catch (error) {
    if (error instanceof TongbaoError) return { kind: "false", code: error.code };
    throw error;
  }
}

/** The signed bytes are those of the receipt, and pay what the entry says. */
function signedAmountFits(own: KeptPayment, entry: Entry, genesis: Genesis): boolean {
  const transaction = Transaction.decode(fromBase64(own.transaction));
  const [paid] = transaction.body.fields.outputs;
  const isSame = toHex(transaction.id(genesis.domain)) === entry.transactionId;
  return isSame && paid !== undefined && Number(paid.value) === Math.abs(entry.amountFen);
}
