/** An acceptance: the payee's home says which locks it will take money for, up to how much, and until when. */

import { type Bytes, concat, equal, toHex } from "./bytes.js";
import type { Domain } from "./domain.js";
import { HASH_BYTES, type Reader, countU8, decodeWhole, demandBytes, sizedU16, u32, u64 } from "./encoding.js";
import { TongbaoError } from "./errors.js";
import { PublicKey, readSignature } from "./suites.js";

const ACCEPTED_LOCKS_MAX = 16;

export interface AcceptedLock {
  readonly lockId: Bytes;
  readonly asset: number;
  readonly valueMax: bigint;
}

export class Acceptance {
  constructor(
    readonly home: number,
    readonly anchor: Bytes,
    readonly expiryMs: bigint,
    readonly locks: readonly AcceptedLock[],
    readonly key: PublicKey,
    readonly signature: Bytes,
  ) {
    demandBytes("anchor", anchor, HASH_BYTES);
    if (locks.length < 1 || locks.length > ACCEPTED_LOCKS_MAX) {
      throw new TongbaoError(`locks must be 1..${ACCEPTED_LOCKS_MAX}, were ${locks.length}`, "BAD_REQUEST", "locks");
    }
    if (new Set(locks.map((lock) => `${toHex(lock.lockId)}/${lock.asset}`)).size < locks.length) {
      throw new TongbaoError("each lock is named once per asset", "BAD_REQUEST", "locks");
    }
  }

  #terms(): Bytes {
    const locks = this.locks.map((lock) => concat(lock.lockId, u32(lock.asset), u64(lock.valueMax)));
    return concat(u32(this.home), this.anchor, u64(this.expiryMs), countU8(locks), this.key.encode());
  }

  /** What the payee's home signs, 32 bytes. */
  signingDigest(domain: Domain): Bytes {
    return domain.hash("tongbao/acceptance/1", concat(domain.networkId, this.#terms()));
  }

  encode(): Bytes {
    return concat(this.#terms(), sizedU16(this.signature));
  }

  /** The most that a transfer may pay to the lock in the asset; 0 where it is not named. */
  valueMax(lockId: Bytes, asset: number): bigint {
    return this.locks.find((lock) => lock.asset === asset && equal(lock.lockId, lockId))?.valueMax ?? 0n;
  }

  static decode = (data: Bytes): Acceptance => decodeWhole(data, "acceptance", readAcceptance);
}

function readAcceptance(reader: Reader): Acceptance {
  const [home, anchor, expiryMs] = [reader.u32(), reader.take(HASH_BYTES), reader.u64()];
  const locks = reader.times(reader.u8(), (each) => ({
    lockId: each.take(HASH_BYTES),
    asset: each.u32(),
    valueMax: each.u64(),
  }));
  const [key, signature] = [PublicKey.read(reader), readSignature(reader)];
  return reader.build(() => new Acceptance(home, anchor, expiryMs, locks, key, signature));
}
