/** What a wallet writes about a pocket and seals: enough to open it with the phrase alone. */

import { type Bytes, ascii, concat } from "./bytes.js";
import { Reader, u8, u32 } from "./encoding.js";
import { DecodingError } from "./errors.js";
import { Path, TimedLock, readLock } from "./lock.js";

const VERSION = 1;
const MAIN_KEY = 2 ** 32 - 1;
/** Two lines of Chinese or of English. */
export const PURPOSE_BYTES_MAX = 280;

/** A pocket's lock, and which key of the reader opens it. */
export class PocketWords {
  constructor(
    readonly lock: TimedLock,
    /** By which path the reader opens it. */
    readonly path: Path,
    /** Of the reader's pocket key; null for the main key. */
    readonly number: number | null,
    readonly purpose: string,
  ) {}

  encode(): Bytes {
    const number = this.number ?? MAIN_KEY;
    return concat(u8(VERSION), u8(this.path), u32(number), this.lock.encode(), ascii(this.purpose));
  }

  /** What the bytes say; a purpose that is no text hides no money. */
  static decode(content: Bytes): PocketWords {
    const reader = new Reader(content, "words about a pocket");
    const [version, path, number] = [reader.u8(), reader.u8(), reader.u32()];
    const lock = readLock(reader);
    if (version !== VERSION || (path !== Path.A && path !== Path.B) || !(lock instanceof TimedLock)) {
      throw new DecodingError("the words about the pocket are of a form that this program does not know", "words");
    }
    const purpose = new TextDecoder("utf-8", { ignoreBOM: true }).decode(reader.rest());
    return new PocketWords(lock, path, number === MAIN_KEY ? null : number, purpose);
  }
}
