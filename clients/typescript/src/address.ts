/** Addresses: how a person names where to be paid. Versioned, checksummed text in the Bech32m alphabet (BIP 350). */

import { type Bytes, concat } from "./bytes.js";
import { Reader, u8, u32 } from "./encoding.js";
import { DecodingError } from "./errors.js";

const VERSION = 1;
const WALLET_ID_BYTES = 16;
const CHARACTERS_MAX = 90;
const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const BECH32M = 0x2bc830a3;
const CHECKSUM_CHARACTERS = 6;
const CONTENT_BYTES = 1 + 4 + WALLET_ID_BYTES;

export class Address {
  constructor(
    readonly home: number,
    readonly walletId: Bytes,
    readonly testNetwork: boolean,
  ) {}

  toString(): string {
    const prefix = this.testNetwork ? "tbt" : "tb";
    const words = regroup(concat(u8(VERSION), u32(this.home), this.walletId));
    const checksum = polymod([...expand(prefix), ...words, ...Array<number>(CHECKSUM_CHARACTERS).fill(0)]) ^ BECH32M;
    const tail = Array.from({ length: CHECKSUM_CHARACTERS }, (_, place) => (checksum >>> (5 * (5 - place))) & 31);
    return `${prefix}1${[...words, ...tail].map((word) => ALPHABET[word]).join("")}`;
  }

  /** The address written as `text`, in lower or upper case but not in both. */
  static parse(text: string): Address {
    if (text.length > CHARACTERS_MAX) throw wrong("it is too long");
    // Outside ASCII there are letters whose lower case is an ASCII letter, such as the kelvin sign.
    if (!/^[ -~]*$/.test(text) || (text !== text.toLowerCase() && text !== text.toUpperCase())) {
      throw wrong("it mixes cases or has a character that no address has");
    }
    const [prefix, rest] = split(text.toLowerCase());
    const words = Array.from(rest, (character) => ALPHABET.indexOf(character));
    if (words.includes(-1)) throw wrong("it has a character that no address has");
    if (polymod([...expand(prefix), ...words]) !== BECH32M) throw wrong("its checksum does not fit");
    const content = ungroup(words.slice(0, -CHECKSUM_CHARACTERS));
    if (content[0] !== VERSION) throw wrong("its version is unknown");
    if (content.length !== CONTENT_BYTES) throw wrong("its length is wrong");
    const reader = new Reader(content.slice(1), "address");
    return new Address(reader.u32(), reader.take(WALLET_ID_BYTES), prefix === "tbt");
  }
}

function split(text: string): [string, string] {
  const place = text.lastIndexOf("1");
  const prefix = text.slice(0, Math.max(place, 0));
  if (prefix !== "tb" && prefix !== "tbt") throw wrong("it must begin with tb1, or tbt1 on a test network");
  return [prefix, text.slice(place + 1)];
}

function wrong(reason: string): DecodingError {
  return new DecodingError(`this is not an address: ${reason}`, "address", "ADDRESS_INVALID", "copy it again");
}

function expand(prefix: string): number[] {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(words: readonly number[]): number {
  let checksum = 1;
  for (const word of words) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ word;
    GENERATOR.forEach((generator, place) => {
      if ((top >>> place) & 1) checksum ^= generator;
    });
  }
  return checksum >>> 0;
}

/** Bytes as words of five bits, padded with zero bits. */
function regroup(data: Bytes): number[] {
  const bits = Array.from(data, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const padded = bits.padEnd(Math.ceil(bits.length / 5) * 5, "0");
  return Array.from({ length: padded.length / 5 }, (_, place) => parseInt(padded.slice(5 * place, 5 * place + 5), 2));
}

/** Words of five bits as bytes; what pads them must be fewer than five zero bits. */
function ungroup(words: readonly number[]): Bytes {
  const bits = words.map((word) => word.toString(2).padStart(5, "0")).join("");
  const padding = bits.length % 8;
  if (padding >= 5 || bits.slice(bits.length - padding).includes("1")) throw wrong("its padding is wrong");
  const length = (bits.length - padding) / 8;
  return Uint8Array.from({ length }, (_, place) => parseInt(bits.slice(8 * place, 8 * place + 8), 2));
}
