// @vitest-environment jsdom
import { readFileSync, readdirSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { preferences } from "../../src/design/preferences.svelte";
import { problemWords } from "../../src/network/problems";
import { entryOf } from "../../src/words/problems";

/** Of officers, institutions, witnesses and the ledger's own upkeep, which no page of a person asks for. */
const OF_OFFICES = new Set([
  "COIN_NOT_COUNTED",
  "HEARTBEAT_BACKWARDS",
  "HEARTBEAT_TOO_FAR",
  "LOG_DIVERGES",
  "LOG_UNKNOWN",
  "POLICY_NOT_IN_FORCE",
  "PROOF_INVALID",
  "QUOTA_EXCEEDED",
  "SIGNED_TEXT_INVALID",
  "TOO_MANY_PROPOSALS",
]);

function documented(): string[] {
  const page = readFileSync("../docs/reference/problems.md", "utf8");
  return [...page.matchAll(/^## ([A-Z][A-Z0-9_]*)$/gm)].map((found) => found[1] ?? "");
}

/** What the client itself finds wrong, or tells of an exchange that is refused, by its own code. */
function ofClient(): string[] {
  const root = "../clients/typescript/src";
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const own = files.filter((name) => name.endsWith(".ts") && !name.startsWith("api"));
  const code = /"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"|^ {2}([A-Z]+(?:_[A-Z]+)+): \[$/gm;
  return own.flatMap((name) =>
    [...readFileSync(`${root}/${name}`, "utf8").matchAll(code)].map((found) => found[1] ?? found[2] ?? ""),
  );
}

afterEach(() => {
  preferences.language = "en";
});

test("every documented code has words, or is one of an office", () => {
  const wordless = documented().filter((code) => entryOf(code) === undefined && !OF_OFFICES.has(code));

  expect(documented().length).toBeGreaterThan(80);
  expect(wordless).toEqual([]);
});

test("every code of the client has words", () => {
  expect(ofClient()).toEqual(expect.arrayContaining(["VAULT_INSUFFICIENT", "IN_DOUBT", "STORE_FAILED"]));
  expect([...new Set(ofClient())].filter((code) => entryOf(code) === undefined)).toEqual([]);
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
