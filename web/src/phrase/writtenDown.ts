/** The check that somebody has written a phrase down: two of its words, asked for by their places, from 1. */

/** Two right answers by chance are one in four million; more words would only be a nuisance. */
const WORDS_ASKED = 2;

/** The words of the phrase, as they are shown and asked for. */
export function wordsOf(phrase: string): string[] {
  return phrase.normalize("NFKC").split(" ");
}

/** Places of words, ascending, drawn so that each is as likely. */
export function placesToAsk(count: number, random: (below: number) => number = randomBelow): number[] {
  const left = Array.from({ length: count }, (_, place) => place + 1);
  const drawn = Array.from({ length: Math.min(WORDS_ASKED, count) }, () => left.splice(random(left.length), 1));
  return drawn.flat().sort((one, other) => one - other);
}

/** The places at which the answer is another word than the phrase has. */
export function wrongPlaces(phrase: string, answers: ReadonlyMap<number, string>): number[] {
  const words = wordsOf(phrase);
  return [...answers].filter(([place, typed]) => words[place - 1] !== tidied(typed)).map(([place]) => place);
}

function tidied(typed: string): string {
  return typed.normalize("NFKC").trim().toLowerCase();
}

/** A whole number below `below`, from the system's randomness, each as likely. */
function randomBelow(below: number): number {
  const limit = Math.floor(0x1_0000_0000 / below) * below;
  for (;;) {
    const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
    if (drawn < limit) return drawn % below;
  }
}
