/** How words for a problem are written down. */

/** In each language what it is, and what to do about it ("" where nothing is to be done). */
export interface ProblemEntry {
  readonly en: readonly [title: string, cure: string];
  readonly zh: readonly [title: string, cure: string];
}
