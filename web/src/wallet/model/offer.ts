/** What a payer is asked to agree to. */

import type { Order } from "@tongbao/client";

/** Everything that the holder sees before agreeing; names and purposes are written by others. */
export interface Offer {
  readonly payee: string;
  /** Whether the name is masked, so that the holder should look. */
  readonly masked: boolean;
  readonly amountFen: number;
  readonly purpose: string;
  readonly orderNumber: string;
  /** The payee's institution. */
  readonly home: number;
  readonly order: Order | null;
  /** Whether a person or shop asked this wallet for it, rather than showing a code to whoever comes. */
  readonly asked: boolean;
  readonly address: string | null;
  /** The same request is the same payment, however often it is asked for. */
  readonly requestId: string;
}

/** How a payment of so much is made good. */
export type Means =
  | { readonly kind: "enough" }
  /** So much must come from the deposit, or in a sandbox from its teller. */
  | { readonly kind: "add"; readonly missingFen: number }
  | { readonly kind: "short" };

/** Whether the money is there, and if not, where it can come from. */
export function meansFor(amountFen: number, balanceFen: number, depositFen: number, sandbox: boolean): Means {
  if (amountFen <= balanceFen) return { kind: "enough" };
  const missingFen = amountFen - balanceFen;
  return sandbox || missingFen <= depositFen ? { kind: "add", missingFen } : { kind: "short" };
}
