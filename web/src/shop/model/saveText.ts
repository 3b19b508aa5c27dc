/** A text as a file on the reader's device. */

/** Spreadsheets take a file without this mark for one of another alphabet. */
const BYTE_ORDER_MARK = "\ufeff";
/** A browser reads the file after the tap; by then it has. */
const KEPT_MS = 60_000;

export function saveText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([BYTE_ORDER_MARK, text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
