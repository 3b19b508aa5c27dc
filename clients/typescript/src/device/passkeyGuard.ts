/** On which terms a passkey's locks are made, and what its wallet's home is to keep of it. */

import type { Guard } from "../keyring.js";
import { passkeyKey } from "../passkey/passkeyKey.js";
import { type TimedTerms, laterFromMs, purposeOf, timedLock } from "../passkey/timedLocks.js";
import { PublicKey } from "../suites.js";
import type { Database } from "./database.js";
import type { KeptKeyring, KeptPasskey } from "./keptKeys.js";

export class PasskeyGuard implements Guard {
  readonly passkey: PublicKey;

  constructor(
    private readonly database: Database,
    private readonly walletId: string,
    private kept: KeptPasskey,
  ) {
    this.passkey = passkeyKey(kept);
  }

  get describedAs(): string | null {
    return this.kept.describedAs;
  }

  /** What was kept since. */
  refresh(kept: KeptPasskey): void {
    this.kept = kept;
  }

  /** On which terms lock `index` is made; null where it is not time to say so. */
  termsAt(index: number): TimedTerms | null {
    const terms = this.kept.terms.findLast((each) => each.first <= index);
    return terms === undefined ? null : { passkey: this.passkey.encode(), laterFromMs: terms.laterFromMs };
  }

  phraseFromMs = (index: number): number => this.termsAt(index)?.laterFromMs ?? 0;

  /** The first time in it is one that no lock is earlier than, from which a recovery searches on. */
  describe(timeMs: number): ReturnType<Guard["describe"]> {
    const { periodMs, laterKey, salt, number } = this.kept;
    const terms = { passkey: this.passkey.encode(), laterFromMs: laterFromMs(timeMs, periodMs) - periodMs };
    return { lock: timedLock(terms, PublicKey.ed25519(laterKey), salt), number, purpose: purposeOf(periodMs) };
  }

  described = (pocketId: string): Promise<void> => this.#change((kept) => ({ ...kept, describedAs: pocketId }));

  /** A term is kept while it is this one or the next, as a moment ago may be told of later; one beyond came of a wrong time. */
  async renew(next: number, timeMs: number): Promise<void> {
    const { periodMs } = this.kept;
    const later = laterFromMs(timeMs, periodMs);
    const last = this.kept.terms.at(-1)?.laterFromMs ?? 0;
    if (last >= later && last <= later + periodMs) return;
    await this.#change((kept) => ({
      ...kept,
      terms: [...kept.terms.filter((each) => each.first < next), { first: next, laterFromMs: later }],
    }));
  }

  async #change(changed: (kept: KeptPasskey) => KeptPasskey): Promise<void> {
    await this.database.write(["wallets"], async (access) => {
      const kept = await access.get<KeptKeyring>("wallets", this.walletId);
      if (!kept?.passkey) return;
      const passkey = changed(kept.passkey);
      access.put("wallets", { ...kept, passkey });
      this.kept = passkey;
    });
  }
}
