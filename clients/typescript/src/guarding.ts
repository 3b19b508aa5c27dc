/** What a wallet does for locks that a passkey opens: its home keeps what recovery needs, and its holder sees what is left. */

import { Address } from "./address.js";
import { toBase64, toHex } from "./bytes.js";
import { ProblemError, TongbaoError } from "./errors.js";
import type { Holdings } from "./holdings.js";
import type { Guard, Keyring } from "./keyring.js";
import { walletIdOf } from "./keys.js";
import { Path } from "./lock.js";
import type { Payments } from "./payments.js";
import { PocketWords } from "./pocketWords.js";
import { EPHEMERAL_BYTES, seal } from "./sealing.js";
import type { SignedClient } from "./signedClient.js";
import type { KeysLeft } from "./walletSetting.js";

/** Fresh locks that stay for change where a keyring has few: the home can make locks over the main key, and change cannot. */
export const CHANGE_LOCKS = 256;

/** What the keyring has left, and what of the money it does not open as it should. */
export function keysLeftOf(holdings: Holdings, keys: Keyring): KeysLeft {
  const { freshLocks: fresh, elsewhereFen, state } = holdings;
  const unguarded = keys.guard ? state.coins.filter((coin) => coin.lockIndex === null) : [];
  const later = state.coins
    .map((coin) => ({ valueFen: coin.valueFen, opensAtMs: holdings.opensAtMs(coin) }))
    .filter(({ opensAtMs }) => opensAtMs > Date.now());
  const unguardedFen = unguarded.reduce((sum, coin) => sum + coin.valueFen, 0);
  return { fresh, elsewhereFen, unguardedFen, later, isLow: fresh < CHANGE_LOCKS || elsewhereFen > 0 };
}

/** The wallet's own address, and who tells its home. */
export interface Describer {
  readonly keys: Keyring;
  readonly home: SignedClient;
  readonly address: string;
}

/**
 * Let the home keep, sealed for this wallet's phrase, which passkey locks its money: as the description of a pocket into
 * which nothing is ever paid, whose other one is the passkey.
 */
export async function describeGuard(guard: Guard, { keys, home, address }: Describer, timeMs: number): Promise<void> {
  const own = Address.parse(address);
  const { lock, number, purpose } = guard.describe(timeMs);
  const pocketId = lock.id(keys.domain);
  const words = new PocketWords(lock, Path.B, number, purpose);
  const entropy = crypto.getRandomValues(new Uint8Array(EPHEMERAL_BYTES));
  const sealed = toBase64(await seal(words.encode(), keys.mainKey.key, pocketId, entropy));
  const other = new Address(own.home, walletIdOf(guard.passkey, keys.domain), own.testNetwork).toString();
  const told = { pocket_id: toHex(pocketId), other_address: other, amount_fen: 1 };
  try {
    await home.post("/v1/pockets", { ...told, sealed_for_maker: sealed, sealed_for_other: sealed }, crypto.randomUUID());
  } catch (error) {
    // It was described before, in words that were sealed with other dice.
    if (!(error instanceof ProblemError && error.code === "CONFLICT")) throw error;
  }
  await guard.described(toHex(pocketId));
}

/** Move what the main key opens under the passkey, which takes no gesture; what cannot be moved now is shown, and moved the next time. */
export async function moveUnguarded(
  payments: Payments,
  refill: () => Promise<{ readonly time_ms: number }>,
): Promise<void> {
  try {
    const { time_ms: timeMs } = await refill();
    await payments.moveOwn((coin) => coin.lockIndex === null, timeMs);
  } catch (error) {
    if (!(error instanceof TongbaoError)) throw error;
  }
}

/** Move what the phrase alone opens at this ledger time under fresh locks. */
export async function moveOpenToPhrase(payments: Payments, keys: Keyring, timeMs: number): Promise<void> {
  const fromMs = (index: number): number => keys.guard?.phraseFromMs(index) ?? Infinity;
  await payments.moveOwn((coin) => coin.lockIndex !== null && fromMs(coin.lockIndex) <= timeMs, timeMs);
}
