/** The check that an owner has written the phrase down: two of its words, asked for by their places. */

/** Two right answers by chance are one in four million; more words would only be a nuisance. */
const WORDS_ASKED = 2;

/** The words of a phrase, as they are shown. */
export function wordsIn(phrase: string): string[] {
  return phrase.normalize("NFKC").trim().split(/\s+/);
}

/** Places of words to ask for, from 0, ascending; each as likely as another. */
export function placesToAsk(count: number, random: (below: number) => number = randomBelow): number[] {
  const left = Array.from({ length: count }, (_, place) => place);
  const drawn = Array.from({ length: Math.min(WORDS_ASKED, count) }, () => left.splice(random(left.length), 1));
  return drawn.flat().sort((one, other) => one - other);
}

/** Whether that is the word at this place. */
export function isWordAt(phrase: string, place: number, typed: string): boolean {
  return wordsIn(phrase)[place] === typed.normalize("NFKC").trim().toLowerCase();
}

/** A whole number below `below`; words of a phrase are so few that the rest of the division does no harm. */
function randomBelow(below: number): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn % below;
}
