/** Recovery phrases (BIP-39): 12 or 24 words, English or simplified Chinese. A list is loaded when it is needed. */

import { generateMnemonic, mnemonicToSeedSync, mnemonicToSeedWebcrypto, validateMnemonic } from "@scure/bip39";
import type { Bytes } from "./bytes.js";
import { TongbaoError } from "./errors.js";

const ENTROPY_BITS = { 12: 128, 24: 256 } as const;

export type Language = "english" | "chinese";

/** The 2,048 words of the language, for those who help somebody type. */
export async function wordsOf(language: Language): Promise<readonly string[]> {
  const list =
    language === "english"
      ? await import("@scure/bip39/wordlists/english.js")
      : await import("@scure/bip39/wordlists/simplified-chinese.js");
  return list.wordlist;
}

/** A new phrase of 12 or 24 words, from the system's randomness. */
export async function newPhrase(words: 12 | 24 = 12, language: Language = "english"): Promise<string> {
  return generateMnemonic([...(await wordsOf(language))], ENTROPY_BITS[words]);
}

/** The phrase as it was made, from what somebody typed: case, spaces and missing spaces between hanzi are forgiven. */
export async function readPhrase(typed: string): Promise<string> {
  let words = typed.normalize("NFKD").toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 1 && !isAscii(words[0] ?? "")) words = Array.from(words[0] ?? "");
  const phrase = words.join(" ");
  if (words.length !== 12 && words.length !== 24) {
    throw invalid(`it has ${words.length} words, not 12 or 24`, "type all words in their order");
  }
  const list = await wordsOf(isAscii(phrase) ? "english" : "chinese");
  if (!validateMnemonic(phrase, [...list])) {
    throw invalid("its words do not belong together", "compare each word and their order with your copy");
  }
  return phrase;
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

function invalid(reason: string, cure: string): TongbaoError {
  return new TongbaoError(`this is no recovery phrase: ${reason}`, "PHRASE_INVALID", "phrase", cure);
}

export function seedOf(phrase: string): Bytes {
  return mnemonicToSeedSync(phrase);
}

/** The same beside other work: half a second on a phone, which a page would stand still for. */
export function seedBeside(phrase: string): Promise<Bytes> {
  return mnemonicToSeedWebcrypto(phrase);
}
