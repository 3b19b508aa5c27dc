/** Texts with lines of signatures under them: the format that C2SP's signed-note describes. Says nothing of validity. */

import { type Bytes, fromBase64, fromUtf8, toBase64 } from "../bytes.js";
import { DecodingError, TongbaoError } from "../errors.js";

export const KEY_ID_BYTES = 4;
const KEY_NAME_BYTES_MAX = 255; // the one byte of length that a cosignature gives to its cosigner's name
const SIGNATURES_MAX = 100; // as many as the Go project's reader takes; C2SP asks for 16 at least
const MARK = "\u2014 ";
const CONTROL = /[\x00-\x09\x0b-\x1f]/; // control characters other than the end of a line
const NAME_FORBIDDEN = /[+\x00-\x1f\p{White_Space}]/u;

/** A signed text that does not prove what it says. */
export class SignedTextInvalidError extends TongbaoError {
  override name = "SignedTextInvalidError";

  constructor(message: string, field: string) {
    super(message, "SIGNED_TEXT_INVALID", field);
  }
}

/** One signature under a text; whose key it names, it need not be. */
export interface SignatureLine {
  readonly name: string;
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

/** A text and the signatures under it, of which none has been verified. */
export interface SignedText {
  /** Ends with the end of a line. */
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

/** The signed text whose whole encoding is `data`. */
export function readSignedText(data: Bytes): SignedText {
  const whole = fromUtf8(data, "signed_text");
  const end = whole.lastIndexOf("\n\n");
  if (end < 0 || !whole.endsWith("\n") || whole.length < end + 3) {
    throw new DecodingError("a signed text is lines, an empty line, and whole lines of signatures", "signed_text");
  }
  const [text, lines] = [whole.slice(0, end + 1), whole.slice(end + 2, -1).split("\n")];
  if (lines.length > SIGNATURES_MAX) {
    throw new DecodingError(`a signed text has at most ${SIGNATURES_MAX} signatures`, "signatures");
  }
  if (CONTROL.test(text)) {
    throw new DecodingError("a text to be signed consists of whole lines without control characters", "text");
  }
  return { text, signatures: lines.map(readLine) };
}

function readLine(line: string): SignatureLine {
  const space = line.indexOf(" ", MARK.length);
  if (!line.startsWith(MARK) || space < 0) {
    throw new DecodingError("a line of a signature is a dash, a name and base64", "signature");
  }
  const data = base64Bytes(line.slice(space + 1), "signature");
  if (data.length <= KEY_ID_BYTES) throw new DecodingError("a signature has at least one byte", "signature");
  const name = readKeyName(line.slice(MARK.length, space));
  return { name, keyId: data.slice(0, KEY_ID_BYTES), signature: data.slice(KEY_ID_BYTES) };
}

/** The name, if a key can have it: not empty, without spaces, plus signs or control characters. */
export function readKeyName(name: string): string {
  const length = new TextEncoder().encode(name).length;
  if (length < 1 || length > KEY_NAME_BYTES_MAX || NAME_FORBIDDEN.test(name)) {
    throw new DecodingError(`the name of a key has 1..${KEY_NAME_BYTES_MAX} bytes and no spaces or plus signs`, "name");
  }
  return name;
}

/** The bytes of which `text` is the only base64. */
export function base64Bytes(text: string, field: string): Bytes {
  const data = fromBase64(text, field);
  if (toBase64(data) !== text) throw new DecodingError(`${field} is not base64 in its one form`, field);
  return data;
}
