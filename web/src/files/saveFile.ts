/** A file for the device of whoever looks at the page. */

/** Spreadsheets take a file without this mark for one of another alphabet. */
const BYTE_ORDER_MARK = "\ufeff";
/** A browser reads the file after the tap; by then it has. */
const KEPT_MS = 60_000;

/** Let the browser save the text under the name. */
export function saveFile(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** The same of CSV, so that spreadsheets read it. */
export function saveCsv(name: string, csv: string): void {
  saveFile(name, "text/csv;charset=utf-8", BYTE_ORDER_MARK + csv);
}
