/** One payment as its payer sees it: how it stands, and what can be done. */

import { type KeptPayment, NetworkError, ProblemError, TongbaoError, UnexplainedError } from "@tongbao/client";
import { codeOf } from "../../network/problems";

/** How a payment stands that was tried. */
export type Standing =
  | { readonly kind: "paid"; readonly payment: KeptPayment }
  /** Nothing was signed, so nothing can have happened. */
  | { readonly kind: "refused"; readonly code: string; readonly field: string }
  /** Signed: it may have happened, or happen until it expires. The same bytes are sent again. */
  | { readonly kind: "doubt"; readonly code: string; readonly expiryMs: number }
  /** Proven never to have happened. */
  | { readonly kind: "never" };

/** The newest payment of the name that the wallet has kept. */
export function keptAs(payments: readonly KeptPayment[], name: string): KeptPayment | null {
  return payments.findLast((each) => each.name === name) ?? null;
}

/** How the payment stands after an attempt failed, with whatever error: what was kept of it decides before what was said. */
export function afterFailure(error: unknown, kept: KeptPayment | null): Standing {
  const code = codeOf(error);
  if (kept?.state === "settled") return { kind: "paid", payment: kept };
  if (kept?.state === "signed") return { kind: "doubt", code, expiryMs: kept.expiryMs };
  if (code === "ABSENT") return { kind: "never" };
  return { kind: "refused", code, field: error instanceof TongbaoError ? error.field : "" };
}

/** Whether nobody was reached, rather than somebody saying no. */
export function isSilence(error: unknown): boolean {
  if (error instanceof NetworkError || error instanceof UnexplainedError) return true;
  return error instanceof ProblemError && (error.status >= 500 || error.status === 429);
}

/** Payments that are signed and whose end is not known. */
export function openOnes(payments: readonly KeptPayment[]): KeptPayment[] {
  return payments.filter((each) => each.state === "signed");
}

/** What those payments may still take. */
export function promisedFen(payments: readonly KeptPayment[]): number {
  return openOnes(payments).reduce((sum, each) => sum + each.amountFen, 0);
}
