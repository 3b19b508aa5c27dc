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

/** Of a payment that more coins would make good than one transaction may spend: merge some of them first. */
export const COINS_TOO_SMALL = "COINS_TOO_SMALL";

/** The coins of most worth, as many as one transaction may spend. */
export function largest(coins: readonly KeptCoin[], inputsMax: number): KeptCoin[] {
  return byValue(coins).reverse().slice(0, inputsMax);
}

/**
 * Coins worth at least the amount: the smallest one that suffices, else the largest ones, so that a purse stays small.
 */
export function choose(coins: readonly KeptCoin[], amountFen: number, inputsMax: number): KeptCoin[] {
  const ascending = byValue(coins);
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
    const freeFen = coins.reduce((sum, coin) => sum + coin.valueFen, 0);
    if (freeFen >= amountFen) {
      throw new TongbaoError(
        `${amountFen} fen are asked, and one payment can spend coins of ${worth} fen at most`,
        COINS_TOO_SMALL,
        "amount_fen",
        "pay in parts, each of which leaves fewer and larger coins",
      );
    }
    throw new TongbaoError(
      `${worth} fen are free, and ${amountFen} are needed`,
      "COINS_INSUFFICIENT",
      "amount_fen",
      "pay less, or put money into the wallet first",
    );
  }
  return chosen;
}

function byValue(coins: readonly KeptCoin[]): KeptCoin[] {
  return [...coins].sort((one, other) => one.valueFen - other.valueFen || order(one.coinId, other.coinId));
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
