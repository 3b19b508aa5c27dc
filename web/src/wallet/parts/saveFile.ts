/** Hand a file to the holder. */

/** Let the browser save the text under the name. */
export function saveFile(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it once it answers anything else.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
