/**
 * What a merchant-presented QR code holds, as EMVCo's specification writes it: objects of tag, length and value.
 *
 *     00 02 01   01 02 12   26 48 0032...   52 04 5812   53 03 156   ...   63 04 A13A
 *
 * A tag has two digits, a length two, and counts characters, not bytes. The first object is the format, the last a
 * checksum over everything before its value.
 */

import { DecodingError, TongbaoError } from "../errors.js";

/** Tag, length and value of the format, with which every such code begins. */
export const CODE_BEGINS = "000201";
/** The most letters that a QR code holds. */
const CHARACTERS_MAX = 4_296;
const VALUE_CHARACTERS_MAX = 99;
const CHECKSUM_HEAD = "6304";

/** Values by tag, in the order of the code. */
export type Objects = ReadonlyMap<string, string>;

/** One object as text. */
export function objectText(tag: string, value: string): string {
  const length = Array.from(value).length;
  if (length > VALUE_CHARACTERS_MAX) {
    const what = `object ${tag} of a QR code holds at most ${VALUE_CHARACTERS_MAX} characters`;
    throw new TongbaoError(what, "QR_TOO_LONG", "payload", "shorten it");
  }
  return `${tag}${String(length).padStart(2, "0")}${value}`;
}

/** The text of the code with these objects, in this order. */
export function codeText(objects: readonly (readonly [string, string])[]): string {
  const text = CODE_BEGINS + objects.map(([tag, value]) => objectText(tag, value)).join("") + CHECKSUM_HEAD;
  return text + checksum(text);
}

/** The objects of a code; throws QR_CHECKSUM where characters were misread, QR_MALFORMED where it is another kind. */
export function parseCode(text: string): Objects {
  const characters = Array.from(text);
  if (characters.length > CHARACTERS_MAX) throw malformed(`it has more than ${CHARACTERS_MAX} characters`);
  const head = characters.slice(0, -4).join("");
  const told = characters.slice(-4).join("");
  if (!head.startsWith(CODE_BEGINS)) throw malformed("it does not begin with the format 01");
  if (!head.endsWith(CHECKSUM_HEAD)) throw malformed("it does not end with a checksum");
  if (!/^[0-9A-Fa-f]{4}$/.test(told) || told.toUpperCase() !== checksum(head)) {
    const cure = "scan it again, or copy it whole";
    throw new DecodingError("the QR code was misread: its checksum does not fit", "payload", "QR_CHECKSUM", cure);
  }
  const objects = new Map(parseObjects(head.slice(0, -CHECKSUM_HEAD.length)));
  objects.delete(CODE_BEGINS.slice(0, 2));
  return objects;
}

/** The objects that the text is, as inside the value of another. */
export function parseObjects(text: string): Objects {
  const characters = Array.from(text);
  const objects = new Map<string, string>();
  for (let place = 0; place < characters.length; ) {
    const head = characters.slice(place, place + 4).join("");
    if (!/^[0-9]{4}$/.test(head)) throw malformed(`at character ${place + 1} there is no tag and length`);
    const [tag, length] = [head.slice(0, 2), Number(head.slice(2))];
    const value = characters.slice(place + 4, place + 4 + length);
    if (value.length !== length) throw malformed(`object ${tag} is cut off`);
    if (objects.has(tag)) throw malformed(`object ${tag} is there twice`);
    objects.set(tag, value.join(""));
    place += 4 + length;
  }
  return objects;
}

/** The text is no code of a merchant. */
export function malformed(reason: string): DecodingError {
  const cure = "scan the shop's code again, or ask for a link";
  return new DecodingError(`this is no payment code of a shop: ${reason}`, "payload", "QR_MALFORMED", cure);
}

/** CRC-16/CCITT-FALSE over the UTF-8 bytes. */
function checksum(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw malformed("it has a character that no text has");
  let crc = 0xffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}
