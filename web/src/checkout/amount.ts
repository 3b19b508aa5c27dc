/** Amounts as people read and type them; inside they are whole fen. */

import { preferences } from "../design/preferences.svelte";

const FEN_DIGITS = 2;
/** What people type: digits with separators between thousands, and at most two behind the point. */
const TYPED = /^(\d{1,12}|\d{1,3}(?:[,，]\d{3}){1,3})(?:[.。](\d{0,2}))?$/;

/** The amount as digits alone, as "1234.50": what a program or an `<input>` reads. */
export function yuanOf(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(FEN_DIGITS + 1, "0");
  return `${fen < 0 ? "-" : ""}${digits.slice(0, -FEN_DIGITS)}.${digits.slice(-FEN_DIGITS)}`;
}

/** The amount in the reader's way, as "¥1,234.50". */
export function money(fen: number): string {
  const form = new Intl.NumberFormat(preferences.tag, {
    style: "currency",
    currency: "CNY",
    currencyDisplay: "narrowSymbol",
  });
  // Text, not a number: an amount is never rounded on its way to the eye.
  return form.format(yuanOf(fen) as `${number}`);
}

/** Whole fen from what somebody typed in yuan; null where it is no amount above zero. */
export function fenOf(typed: string): number | null {
  const match = TYPED.exec(typed.replace(/[\s¥￥]/g, ""));
  if (match === null) return null;
  const yuan = (match[1] ?? "").replace(/[,，]/g, "");
  const fen = Number(yuan + (match[2] ?? "").padEnd(FEN_DIGITS, "0"));
  return fen > 0 && Number.isSafeInteger(fen) ? fen : null;
}
