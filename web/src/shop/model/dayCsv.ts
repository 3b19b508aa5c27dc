/** The lines of a day's report as CSV, byte for byte as the command line writes them. */

import type { DayReport } from "@tongbao/client";
import { csvOf, harmless } from "../../files/csv";

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

export function dayCsv(lines: readonly Line[]): string {
  return csvOf([COLUMNS, ...lines.map((line) => COLUMNS.map((name) => cell(line[name] ?? "")))]);
}

function cell(value: string | number): string {
  return typeof value === "number" ? String(value) : harmless(value);
}
