/** Locks: what must be shown to spend a coin. A coin carries only the hash; the spender reveals the rest. */

import { type Bytes, compare, concat, equal } from "./bytes.js";
import type { Coin } from "./coin.js";
import type { Domain } from "./domain.js";
import { HASH_BYTES, type Reader, countU8, demandBytes, u8, u32, u64 } from "./encoding.js";
import { TongbaoError } from "./errors.js";
import { PublicKey } from "./suites.js";

const RESTRICTIONS_MAX = 16;

/** Which way a lock was opened: A (the only one of kind 1) or B. */
export enum Path {
  A = 0,
  B = 1,
}

/** Kind 1: opens with one key. */
export class KeyLock {
  static readonly KIND = 1;

  constructor(
    readonly key: PublicKey,
    readonly salt: Bytes,
  ) {
    demandBytes("salt", salt, HASH_BYTES);
  }

  encode(): Bytes {
    return concat(u8(KeyLock.KIND), this.key.encode(), this.salt);
  }

  id(domain: Domain): Bytes {
    return domain.hash("tongbao/lock/1", this.encode());
  }
}

/** Kind 2: opens with `key` at any time, or with `laterKey` from a ledger time on; restrictions bind both. */
export class TimedLock {
  static readonly KIND = 2;

  constructor(
    readonly key: PublicKey,
    readonly laterKey: PublicKey,
    readonly laterFromMs: bigint,
    readonly homes: readonly number[],
    readonly locks: readonly Bytes[],
    readonly salt: Bytes,
  ) {
    demandBytes("salt", salt, HASH_BYTES);
    demandAscending("homes", homes, (one, other) => one - other);
    demandAscending("locks", locks, compare);
  }

  encode(): Bytes {
    return concat(
      u8(TimedLock.KIND),
      this.key.encode(),
      this.laterKey.encode(),
      u64(this.laterFromMs),
      countU8(this.homes.map(u32)),
      countU8(this.locks),
      this.salt,
    );
  }

  id(domain: Domain): Bytes {
    return domain.hash("tongbao/lock/1", this.encode());
  }
  /** The key whose signature opens the lock by the path. */
  keyFor(path: Path): PublicKey {
    return path === Path.A ? this.key : this.laterKey;
  }

  /** The ledger time from which the path is open. */
  opensAtMs(path: Path): bigint {
    return path === Path.A ? 0n : this.laterFromMs;
  }

  /** Whether some outputs are not permitted. */
  get isRestricted(): boolean {
    return this.homes.length > 0 || this.locks.length > 0;
  }

  /** Whether a coin under this lock may become `output`: to a named home or lock, or back as change. */
  permits(output: Coin, lockId: Bytes): boolean {
    if (!this.isRestricted || this.homes.includes(output.home)) return true;
    return [...this.locks, lockId].some((each) => equal(each, output.lockId));
  }
}

export type Lock = KeyLock | TimedLock;

function demandAscending<T>(name: string, named: readonly T[], order: (one: T, other: T) => number): void {
  if (named.length > RESTRICTIONS_MAX) {
    throw new TongbaoError(`a lock names at most ${RESTRICTIONS_MAX} ${name}`, "BAD_REQUEST", name);
  }
  const ascends = named.every((each, place) => place === 0 || order(named[place - 1] as T, each) < 0);
  if (!ascends) throw new TongbaoError(`${name} of a lock must ascend without repeats`, "BAD_REQUEST", name);
}

export function readLock(reader: Reader): Lock {
  const kind = reader.u8();
  if (kind === KeyLock.KIND) return new KeyLock(PublicKey.read(reader), reader.take(HASH_BYTES));
  if (kind !== TimedLock.KIND) throw reader.error(`lock kind ${kind} is unknown`);
  const [key, laterKey, laterFromMs] = [PublicKey.read(reader), PublicKey.read(reader), reader.u64()];
  const homes = reader.times(reader.u8(), (each) => each.u32());
  const locks = reader.times(reader.u8(), (each) => each.take(HASH_BYTES));
  const salt = reader.take(HASH_BYTES);
  return reader.build(() => new TimedLock(key, laterKey, laterFromMs, homes, locks, salt));
}
