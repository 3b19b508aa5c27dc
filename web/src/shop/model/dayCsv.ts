/** The lines of a day's report as CSV (RFC 4180), byte for byte as the command line writes them. */

import type { DayReport } from "@tongbao/client";

type Line = DayReport["lines"][number];

const COLUMNS = [
  "kind",
  "time_ms",
  "order_number",
  "order_id",
  "till_id",
  "amount_fen",
  "tip_fen",
  "transaction_id",
] as const satisfies readonly (keyof Line)[];

const END = "\r\n";
/** What makes a spreadsheet take a text for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

export function dayCsv(lines: readonly Line[]): string {
  const rows = lines.map((line) => COLUMNS.map((name) => cell(line[name] ?? "")).join(","));
  return [COLUMNS.join(","), ...rows].map((row) => row + END).join("");
}

function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
