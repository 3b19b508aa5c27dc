import { expect, test } from "vitest";
import { shownText } from "../../src/design/othersText";

test("marks that turn or hide words are shown as what they are", () => {
  expect(shownText("Alice\u202Eecila", 50).shown).toBe("Alice�ecila");
  expect(shownText("a\u200Bb\u2066c\uFEFF\u0000", 50).shown).toBe("a�b�c��");
});

test("lines become one line", () => {
  expect(shownText("one\r\ntwo\tthree", 50).shown).toBe("one two three");
});

test("a long text is cut between letters, and says so", () => {
  expect(shownText("👛".repeat(5), 3)).toEqual({ shown: "👛👛👛…", isCut: true });
  expect(shownText("币".repeat(3), 3)).toEqual({ shown: "币币币", isCut: false });
  expect(shownText("x".repeat(1_000_000), 10)).toEqual({ shown: `${"x".repeat(10)}…`, isCut: true });
});

test("a tower of marks does not cover other lines", () => {
  expect(shownText(`a${"\u0301".repeat(500)}`, 500).shown).toBe(`a${"\u0301".repeat(3)}`);
});

test("letters that families and flags are joined of are kept", () => {
  expect(shownText("👨‍👩‍👧 नमस्ते", 50).shown).toBe("👨‍👩‍👧 नमस्ते");
});
