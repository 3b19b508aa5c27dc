/** Reading and writing the fixed binary layouts: big-endian, one form per value, nothing left over. */

import { type Bytes, concat } from "./bytes.js";
import { DecodingError, TongbaoError } from "./errors.js";

export const HASH_BYTES = 32;

function unsigned(name: string, value: number | bigint, bits: number): bigint {
  const number = BigInt(value);
  if (number < 0n || number >> BigInt(bits)) {
    throw new TongbaoError(`${name} must be 0..2^${bits} - 1, was ${number}`, "BAD_REQUEST", name);
  }
  return number;
}

function bigEndian(value: number | bigint, length: number): Bytes {
  let rest = unsigned("number", value, 8 * length);
  const bytes = new Uint8Array(length);
  for (let place = length - 1; place >= 0; place--) {
    bytes[place] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export const u8 = (number: number): Bytes => bigEndian(number, 1);
export const u16 = (number: number): Bytes => bigEndian(number, 2);
export const u32 = (number: number): Bytes => bigEndian(number, 4);
export const u64 = (number: bigint): Bytes => bigEndian(number, 8);

export const sizedU16 = (content: Bytes): Bytes => concat(u16(content.length), content);
export const sizedU32 = (content: Bytes): Bytes => concat(u32(content.length), content);
export const countU8 = (parts: readonly Bytes[]): Bytes => concat(u8(parts.length), ...parts);
export const countU16 = (parts: readonly Bytes[]): Bytes => concat(u16(parts.length), ...parts);

export function demandBytes(name: string, content: Bytes, length: number): void {
  if (content.length !== length) {
    throw new TongbaoError(`${name} has ${length} bytes, this one ${content.length}`, "BAD_REQUEST", name);
  }
}

/** Reads a layout front to back; every method throws a `DecodingError` where the bytes end too early. */
export class Reader {
  #offset = 0;

  constructor(
    private readonly data: Bytes,
    private readonly what: string,
  ) {}

  take(length: number): Bytes {
    const left = this.data.length - this.#offset;
    if (length > left) throw this.error(`needs ${length} bytes, has ${left}`);
    this.#offset += length;
    return this.data.slice(this.#offset - length, this.#offset);
  }

  #number(length: number): bigint {
    return this.take(length).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  }

  u8 = (): number => Number(this.#number(1));
  u16 = (): number => Number(this.#number(2));
  u32 = (): number => Number(this.#number(4));
  u64 = (): bigint => this.#number(8);

  flag(): boolean {
    const number = this.u8();
    if (number > 1) throw this.error(`a flag is 0 or 1, not ${number}`);
    return number === 1;
  }

  sizedU16 = (): Bytes => this.take(this.u16());

  sizedU32(lengthMax: number): Bytes {
    const length = this.u32();
    if (length > lengthMax) throw this.error(`length ${length} exceeds ${lengthMax}`);
    return this.take(length);
  }

  /** So many things, each read by `read`. */
  times<T>(count: number, read: (reader: Reader) => T): T[] {
    return Array.from({ length: count }, () => read(this));
  }

  get left(): number {
    return this.data.length - this.#offset;
  }

  /** Everything that is left. */
  rest = (): Bytes => this.take(this.left);

  finish(): void {
    if (this.left) throw this.error(`${this.left} bytes too many`);
  }

  /** What `make` makes of what was read; what it refuses was no canonical encoding. */
  build<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof TongbaoError) || error instanceof DecodingError) throw error;
      throw this.error(error.message, error.code === "BAD_REQUEST" ? "MALFORMED" : error.code);
    }
  }

  error(reason: string, code = "MALFORMED"): DecodingError {
    return new DecodingError(`${this.what}: ${reason} at byte ${this.#offset}`, this.what, code);
  }
}

/** The thing whose whole encoding is `data`. */
export function decodeWhole<T>(data: Bytes, what: string, read: (reader: Reader) => T): T {
  const reader = new Reader(data, what);
  const found = read(reader);
  reader.finish();
  return found;
}
