/** Bytes, and the ways in which messages write them. */

import { DecodingError } from "./errors.js";

export type Bytes = Uint8Array;

export function concat(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function equal(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

export function compare(one: Bytes, other: Bytes): number {
  for (let place = 0; place < Math.min(one.length, other.length); place++) {
    const difference = (one[place] ?? 0) - (other[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

export function ascii(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** The text that bytes of UTF-8 stand for, byte order marks and all; other bytes are refused. */
export function fromUtf8(bytes: Bytes, field = "text"): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DecodingError(`${field} must be UTF-8`, field);
  }
}

export function toHex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes that lower-case hexadecimal digits stand for; other spellings are refused. */
export function fromHex(text: string, field = "hex"): Bytes {
  if (text.length % 2 || !/^[0-9a-f]*$/.test(text)) {
    throw new DecodingError(`${field} must be lower-case hexadecimal digits`, field);
  }
  return Uint8Array.from({ length: text.length / 2 }, (_, place) => parseInt(text.slice(2 * place, 2 * place + 2), 16));
}

export function toBase64(bytes: Bytes): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** The bytes that base64 with padding (RFC 4648 section 4) stands for. */
export function fromBase64(text: string, field = "base64"): Bytes {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new DecodingError(`${field} must be base64 with padding`, field);
  }
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
