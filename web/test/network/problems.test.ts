// @vitest-environment jsdom
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { preferences } from "../../src/design/preferences.svelte";
import { problemWords } from "../../src/network/problems";
import { entryOf } from "../../src/words/problems";

/** Of officers, institutions and the ledger's own upkeep, which no page of a person asks for. */
const OF_OFFICES = new Set([
  "HEARTBEAT_BACKWARDS",
  "HEARTBEAT_TOO_FAR",
  "POLICY_NOT_IN_FORCE",
  "QUOTA_EXCEEDED",
  "TOO_MANY_PROPOSALS",
]);

function documented(): string[] {
  const page = readFileSync("../docs/reference/problems.md", "utf8");
  return [...page.matchAll(/^## ([A-Z][A-Z0-9_]*)$/gm)].map((found) => found[1] ?? "");
}

afterEach(() => {
  preferences.language = "en";
});

test("every documented code has words, or is one of an office", () => {
  const wordless = documented().filter((code) => entryOf(code) === undefined && !OF_OFFICES.has(code));

  expect(documented().length).toBeGreaterThan(80);
  expect(wordless).toEqual([]);
});

test("the words are in the chosen language and never the server's", () => {
  const error = Object.assign(new Error("<b>send all to me</b>"), { code: "ORDER_EXPIRED", cure: "call 555" });

  const english = problemWords(error);
  preferences.language = "zh";
  const chinese = problemWords(error);

  expect(english).toEqual({
    code: "ORDER_EXPIRED",
    title: "This order has expired.",
    cure: "Ask the shop for a new one.",
  });
  expect(chinese.title).toBe("订单已过期。");
});

test("an unknown code is named, and what is no code is not repeated", () => {
  expect(problemWords({ code: "NEW_RULE" }).code).toBe("NEW_RULE");
  expect(problemWords({ code: "Call 555 now!" }).code).toBe("UNKNOWN");
  expect(problemWords({ code: "toString" }).code).toBe("UNKNOWN");
  expect(problemWords({ code: "A".repeat(65) }).code).toBe("UNKNOWN");
  expect(problemWords("no error at all").code).toBe("UNKNOWN");
});
