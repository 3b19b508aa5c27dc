import { describe, expect, it } from "vitest";
import { isWordAt, placesToAsk, wordsIn } from "../../src/shop/model/phraseCheck";

const PHRASE = "abandon amount liar amount expire adjust cage candy arch gather drum buyer";

describe("the check of a phrase", () => {
  it("asks for two different words in their order, whatever the dice say", () => {
    expect(placesToAsk(12, () => 0)).toEqual([0, 1]);
    expect(placesToAsk(12, (below) => below - 1)).toEqual([10, 11]);
    expect(placesToAsk(12, (below) => (below === 12 ? 7 : 2))).toEqual([2, 7]);
  });

  it("takes the word at its place, in whatever case, and no other", () => {
    expect([isWordAt(PHRASE, 2, " Liar "), isWordAt(PHRASE, 2, "amount"), isWordAt(PHRASE, 2, "")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(wordsIn(PHRASE).length).toBe(12);
  });
});
