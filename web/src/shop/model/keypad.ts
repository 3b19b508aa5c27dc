/** An amount as it is typed on a keypad: digits from left to right and one point, held as text until it is asked for. */

/** A hundred million yuan, less a fen: more is a slip of the finger. */
const YUAN_DIGITS_MAX = 8;
const FEN_DIGITS = 2;

export const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "back"] as const;
export type PadKey = (typeof KEYS)[number];

/** What is typed after one more key; a key that makes no sense changes nothing. */
export function pressed(typed: string, key: PadKey): string {
  if (key === "back") return typed.slice(0, -1);
  const [yuan = "", fen] = typed.split(".");
  if (key === ".") return fen === undefined ? `${yuan || "0"}.` : typed;
  if (fen !== undefined) return fen.length < FEN_DIGITS ? typed + key : typed;
  if (yuan === "0") return key;
  return yuan.length < YUAN_DIGITS_MAX ? typed + key : typed;
}

/** The key of a keyboard as one of the pad's; null for all others. */
export function padKeyOf(key: string): PadKey | null {
  if (key === "Backspace") return "back";
  if (key === "," || key === "。" || key === "Decimal") return ".";
  return KEYS.find((each) => each === key) ?? null;
}
