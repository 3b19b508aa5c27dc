/** Where a wallet is, who opens it, and what its keyring has left. */

import type { Genesis } from "./genesis.js";
import type { Patience } from "./signedClient.js";

export interface WalletSetting {
  readonly genesis: Genesis;
  readonly home: number;
  readonly homeUrl: string;
  readonly centreUrl: string;
  readonly patience?: Patience;
}

export interface Opening {
  readonly holderName: string;
  readonly walletClass: "I" | "II" | "III" | "IV";
  readonly kind?: "personal" | "corporate";
}

/** What a keyring has left. */
export interface KeysLeft {
  /** Locks that nobody was given yet; where it is 0, change is linkable. */
  readonly fresh: number;
  /** Money that this wallet owns under keys that are not on this device; in no balance. */
  readonly elsewhereFen: number;
  /** Of a passkey's wallet: money that its main key still opens, until `sync` has moved it. */
  readonly unguardedFen: number;
  /** Of a wallet whose passkey is lost: what opens later, with the ledger times from which it does. */
  readonly later: readonly { readonly valueFen: number; readonly opensAtMs: number }[];
  /** Whether the phrase should be typed once more, for more keys. */
  readonly isLow: boolean;
}
