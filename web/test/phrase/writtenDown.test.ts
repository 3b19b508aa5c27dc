import { expect, test } from "vitest";
import { placesToAsk, wordsOf, wrongPlaces } from "../../src/phrase/writtenDown";

const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";

test("two different places are asked for, in their order, and each can be", () => {
  const drawn = Array.from({ length: 400 }, () => placesToAsk(12));

  expect(drawn.every(([one = 0, other = 0]) => one < other)).toBe(true);
  expect(new Set(drawn.flat()).size).toBe(12);
});

test("two different places are asked for in their order, whatever the dice say", () => {
  expect(placesToAsk(12, () => 0)).toEqual([1, 2]);
  expect(placesToAsk(12, (below) => below - 1)).toEqual([11, 12]);
  expect(placesToAsk(12, (below) => (below === 12 ? 7 : 2))).toEqual([3, 8]);
});

test("the right words at their places pass, however they are typed", () => {
  expect(wrongPlaces(PHRASE, new Map([[2, " Winner "], [12, "ＹＥＬＬＯＷ"]]))).toEqual([]);
});

test("a word of the phrase at another place is wrong, and so is none", () => {
  expect(wrongPlaces(PHRASE, new Map([[2, "legal"], [12, ""]]))).toEqual([2, 12]);
  expect(wordsOf(PHRASE)).toHaveLength(12);
});

test("a phrase of hanzi is asked for by its characters", () => {
  expect(wrongPlaces("的 一 是 在", new Map([[1, "的"], [3, "一"]]))).toEqual([3]);
  expect(wordsOf("的 一 是 在")).toHaveLength(4);
});
