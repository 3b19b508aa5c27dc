/** A coin: a value with an owner's lock, served by a home, known by its id. Money exists only as unspent coins. */

import { type Bytes, concat } from "./bytes.js";
import type { Domain } from "./domain.js";
import { HASH_BYTES, type Reader, demandBytes, u16, u32, u64 } from "./encoding.js";
import { TongbaoError } from "./errors.js";

export const CURRENCY = 0;
export const VALUE_MAX = 2n ** 63n - 1n;

export class Coin {
  constructor(
    readonly asset: number,
    readonly value: bigint,
    readonly home: number,
    readonly lockId: Bytes,
  ) {
    if (value < 1n || value > VALUE_MAX) {
      throw new TongbaoError(`value must be 1..${VALUE_MAX}, was ${value}`, "VALUE_OUT_OF_RANGE", "value");
    }
    demandBytes("lock_id", lockId, HASH_BYTES);
  }

  encode(): Bytes {
    return concat(u32(this.asset), u64(this.value), u32(this.home), this.lockId);
  }

  static read(reader: Reader): Coin {
    const [asset, value, home, lockId] = [reader.u32(), reader.u64(), reader.u32(), reader.take(HASH_BYTES)];
    return reader.build(() => new Coin(asset, value, home, lockId));
  }
}

/** A coin to be spent, opened: everything that its id commits to. */
export class Input {
  constructor(
    readonly origin: Bytes,
    readonly index: number,
    readonly coin: Coin,
  ) {
    demandBytes("origin", origin, HASH_BYTES);
  }

  encode(): Bytes {
    return concat(this.origin, u16(this.index), this.coin.encode());
  }

  coinId(domain: Domain): Bytes {
    return domain.hash("tongbao/coin/1", this.encode());
  }

  static read(reader: Reader): Input {
    return new Input(reader.take(HASH_BYTES), reader.u16(), Coin.read(reader));
  }
}
