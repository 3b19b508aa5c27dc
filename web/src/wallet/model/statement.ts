/** Statements as spreadsheets read them. */

import type { components } from "../../../../clients/typescript/src/api/institution";
import { plainYuan } from "../../design/money";

type Statement = components["schemas"]["Statement"];

/** A month of the reader's calendar, from its first moment until the next one's. */
export interface Month {
  /** As 2026-11. */
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** This month and those before it, newest first. */
export function lastMonths(now: Date, count: number): Month[] {
  return Array.from({ length: count }, (_, back) => {
    const first = new Date(now.getFullYear(), now.getMonth() - back, 1);
    const next = new Date(first.getFullYear(), first.getMonth() + 1, 1);
    const name = `${first.getFullYear()}-${String(first.getMonth() + 1).padStart(2, "0")}`;
    return { name, fromMs: first.getTime(), untilMs: next.getTime() };
  });
}

/** What a spreadsheet takes for a formula at the beginning of a cell. */
const FORMULA = /^[=+\-@\t\r]/;

/** The statement as CSV (RFC 4180), with a mark so that spreadsheets read it as UTF-8. */
export function statementCsv(statement: Statement): string {
  const lines = [
    ["time", "kind", "counterparty", "amount_yuan", "balance_yuan", "transaction_id"],
    ...statement.movements.map((each) => [
      new Date(each.time_ms).toISOString(),
      each.kind,
      each.counterparty.replace(FORMULA, "'$&"),
      written(each.amount_fen),
      written(each.balance_fen),
      each.transaction_id ?? "",
    ]),
  ];
  return `\uFEFF${lines.map((cells) => cells.map(quoted).join(",")).join("\r\n")}\r\n`;
}

/** With the minus sign that spreadsheets read. */
function written(fen: number): string {
  return `${fen < 0 ? "-" : ""}${plainYuan(Math.abs(fen))}`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
