/** Pictures of the goods, drawn for this mall; each is the file that is named as the good. */

const FILES = import.meta.glob<string>("./pictures/*.svg", { eager: true, query: "?url", import: "default" });

/** Where the picture of a thing lies; of what has none, the mark. */
export function pictureOf(good: string): string {
  return FILES[`./pictures/${good}.svg`] ?? "/mark.svg";
}
