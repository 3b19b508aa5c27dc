/** CSV (RFC 4180) that does no harm in a spreadsheet. */

const END = "\r\n";
/** What makes a spreadsheet take a text for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Rows of cells, each row with its end. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => cells.map(quoted).join(",") + END).join("");
}

/** A text that others wrote, as a cell that no spreadsheet reckons with. */
export function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
