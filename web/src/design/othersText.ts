/** What is shown of a text that somebody else wrote. */

/** Marks that turn the direction of writing, hide letters or end lines: nobody needs them in a name. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
/** A letter with a tower of marks upon it would cover the lines above. */
const TOWER = /(\p{M}{3})\p{M}+/gu;

const MARK = "�";
const ELLIPSIS = "…";

/** The text without what could deceive, and whether some of it was left out at the end. */
export function shownText(text: string, letters: number): { shown: string; isCut: boolean } {
  // Before the pattern runs: a text may be as long as a server lets it be.
  const near = Number.isFinite(letters) ? text.slice(0, letters * 4) : text;
  const plain = near
    .replace(/[\t\n\r]+/g, " ")
    .replace(UNSEEN, MARK)
    .replace(TOWER, "$1");
  const all = [...plain];
  const isCut = all.length > letters || near.length < text.length;
  return { shown: isCut ? all.slice(0, letters).join("") + ELLIPSIS : plain, isCut };
}
