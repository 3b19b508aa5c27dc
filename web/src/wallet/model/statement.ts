/** Statements as spreadsheets read them. */

import type { components } from "../../../../clients/typescript/src/api/institution";
import { plainYuan } from "../../design/money";
import { csvOf, harmless } from "../../files/csv";

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

/** The statement as CSV. */
export function statementCsv(statement: Statement): string {
  return csvOf([
    ["time", "kind", "counterparty", "amount_yuan", "balance_yuan", "transaction_id"],
    ...statement.movements.map((each) => [
      new Date(each.time_ms).toISOString(),
      each.kind,
      harmless(each.counterparty),
      written(each.amount_fen),
      written(each.balance_fen),
      each.transaction_id ?? "",
    ]),
  ]);
}

/** With the minus sign that spreadsheets read. */
function written(fen: number): string {
  return `${fen < 0 ? "-" : ""}${plainYuan(Math.abs(fen))}`;
}
