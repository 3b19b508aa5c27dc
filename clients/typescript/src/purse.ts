/** What a wallet holds: coins, which of them are promised, and how each is opened. */

import { type Bytes, fromHex, toHex } from "./bytes.js";
import { Coin, Input } from "./coin.js";
import type { Domain } from "./domain.js";
import { TongbaoError } from "./errors.js";
import type { LockSource } from "./keyring.js";

/** A coin as a wallet keeps it: JSON, since browsers and files keep that. */
export interface KeptCoin {
  readonly coinId: string;
  readonly origin: string;
  readonly index: number;
  readonly valueFen: number;
  readonly home: number;
  readonly lockId: string;
  /** Of a lock of the wallet's own; null where the home made it over the main key. */
  readonly lockIndex: number | null;
  readonly salt: string | null;
}

export function sourceOf(coin: KeptCoin): LockSource {
  return coin.lockIndex === null ? { salt: fromHex(coin.salt ?? "") } : { index: coin.lockIndex };
}

export function openingOf(coin: KeptCoin): Input {
  const made = new Coin(0, BigInt(coin.valueFen), coin.home, fromHex(coin.lockId));
  return new Input(fromHex(coin.origin), coin.index, made);
}

/** The coin that output `index` of a transaction makes. */
export function keptCoin(origin: Bytes, index: number, coin: Coin, lockIndex: number, domain: Domain): KeptCoin {
  return {
    coinId: toHex(new Input(origin, index, coin).coinId(domain)),
    origin: toHex(origin),
    index,
    valueFen: Number(coin.value),
    home: coin.home,
    lockId: toHex(coin.lockId),
    lockIndex,
    salt: null,
  };
}

/**
 * Coins worth at least the amount: the smallest one that suffices, else the largest ones, so that a purse stays small.
 */
export function choose(coins: readonly KeptCoin[], amountFen: number, inputsMax: number): KeptCoin[] {
  const ascending = [...coins].sort((one, other) => one.valueFen - other.valueFen || order(one.coinId, other.coinId));
  const single = ascending.find((coin) => coin.valueFen >= amountFen);
  if (single !== undefined) return [single];
  const chosen: KeptCoin[] = [];
  let worth = 0;
  for (const coin of ascending.reverse()) {
    if (worth >= amountFen || chosen.length === inputsMax) break;
    chosen.push(coin);
    worth += coin.valueFen;
  }
  if (worth < amountFen) {
    throw new TongbaoError(
      `${worth} fen are free, and ${amountFen} are needed`,
      "COINS_INSUFFICIENT",
      "amount_fen",
      "pay less, or put money into the wallet first",
    );
  }
  return chosen;
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
