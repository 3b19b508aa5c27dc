/** SM3 (GB/T 32905-2016): the hash of networks whose genesis says so. */

import { type Bytes, concat } from "./bytes.js";

const BLOCK_BYTES = 64;
const START = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - (by & 31)));
const p0 = (word: number): number => word ^ rotate(word, 9) ^ rotate(word, 17);
const p1 = (word: number): number => word ^ rotate(word, 15) ^ rotate(word, 23);

/** The message's hash, 32 bytes. */
export function sm3(message: Bytes): Bytes {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(concat(message, Uint8Array.of(0x80)));
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, 8n * BigInt(message.length));
  const state = Int32Array.from(START);
  for (let offset = 0; offset < padded.length; offset += BLOCK_BYTES) compress(state, expand(view, offset));
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, place) => digest.setInt32(4 * place, word));
  return new Uint8Array(digest.buffer);
}

/** The 68 words of one block. */
function expand(view: DataView, offset: number): Int32Array {
  const words = new Int32Array(68);
  const at = (place: number): number => words[place] ?? 0;
  for (let place = 0; place < 16; place++) words[place] = view.getInt32(offset + 4 * place);
  for (let place = 16; place < 68; place++) {
    const mixed = p1(at(place - 16) ^ at(place - 9) ^ rotate(at(place - 3), 15));
    words[place] = mixed ^ rotate(at(place - 13), 7) ^ at(place - 6);
  }
  return words;
}

function compress(state: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let round = 0; round < 64; round++) {
    const early = round < 16;
    const top = rotate(a, 12);
    const constant = rotate(early ? 0x79cc4519 : 0x7a879d8a, round % 32);
    const ss1 = rotate((top + e + constant) | 0, 7);
    const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = early ? e ^ f ^ g : (e & f) | (~e & g);
    const word = words[round] ?? 0;
    const tt1 = (ff + d + (ss1 ^ top) + (word ^ (words[round + 4] ?? 0))) | 0;
    const tt2 = (gg + h + ss1 + word) | 0;
    [d, c, b, a] = [c, rotate(b, 9), a, tt1];
    [h, g, f, e] = [g, rotate(f, 19), e, p0(tt2)];
  }
  [a, b, c, d, e, f, g, h].forEach((word, place) => {
    state[place] = (state[place] ?? 0) ^ word;
  });
}
