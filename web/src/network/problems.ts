/** What went wrong, in words of these pages: a server's own words are never shown. */

import { preferences } from "../design/preferences.svelte";
import { UNKNOWN_PROBLEM, entryOf } from "../words/problems";

export interface ProblemWords {
  readonly code: string;
  readonly title: string;
  /** What to do about it; "" where nothing is. */
  readonly cure: string;
}

/** What a code may look like; whatever else a server calls one is not repeated. */
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
/** Of what is no error with a code. */
const NO_CODE = "UNKNOWN";

/** The stable code of an error, as a server or the client gave it. */
export function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (typeof code === "string" && CODE.test(code)) return code;
  return error instanceof TypeError && !navigator.onLine ? "OFFLINE" : NO_CODE;
}

/** The words for an error, in the language that is chosen now. */
export function problemWords(error: unknown): ProblemWords {
  const code = codeOf(error);
  const [title, cure] = (entryOf(code) ?? UNKNOWN_PROBLEM)[preferences.language];
  return { code, title, cure };
}
