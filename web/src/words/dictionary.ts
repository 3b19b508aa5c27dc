/**
 * Words in both languages. One file per page holds its own; a key that lacks a language, or takes other arguments in the
 * one than in the other, fails the type check.
 */

import { preferences } from "../design/preferences.svelte";

/** A text, or a text with something in it. */
type Said = string | ((...given: never[]) => string);

interface Entry<S extends Said> {
  readonly en: S;
  readonly zh: S;
}

type Entries = Readonly<Record<string, Entry<Said>>>;

type Spoken<S> = S extends string ? string : S;

/** What a page reads: each key in the language that is chosen now. */
export type Dictionary<T extends Entries> = { readonly [K in keyof T]: Spoken<T[K]["en"]> };

/** The words of one page; reading a key in a component follows the choice of language. */
export function dictionary<T extends Entries>(
  entries: T & { readonly [K in keyof T]: Entry<Spoken<T[K]["en"]> & Said> },
): Dictionary<T> {
  const read: PropertyDescriptorMap = {};
  for (const [key, entry] of Object.entries(entries as Entries)) {
    read[key] = { get: () => entry[preferences.language], enumerable: true };
  }
  return Object.create(null, read) as Dictionary<T>;
}
