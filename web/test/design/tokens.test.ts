import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SHEET = readFileSync("src/design/tokens.css", "utf8");

/** What a colour is by day and by night. */
function colours(): Map<string, readonly [string, string]> {
  const found = new Map<string, readonly [string, string]>();
  for (const [, name = "", day = "", night = ""] of SHEET.matchAll(/--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)/g)) {
    found.set(name, [day, night]);
  }
  for (const [, name = "", both = ""] of SHEET.matchAll(/--([a-z-]+): (#\w{6});/g)) found.set(name, [both, both]);
  return found;
}

/** Relative luminance, and the ratio of two (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((place) => {
    const part = Number.parseInt(colour.slice(place, place + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ratio(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["paper", "sheet", "raised", "sunk"];
const TEXTS: readonly (readonly [text: string, grounds: readonly string[]])[] = [
  ["ink", [...GROUNDS, "cinnabar-soft", "jade-soft", "amber-soft"]],
  ["ink-soft", [...GROUNDS, "cinnabar-soft", "jade-soft", "amber-soft"]],
  ["cinnabar-ink", [...GROUNDS, "cinnabar-soft"]],
  ["jade-ink", [...GROUNDS, "jade-soft"]],
  ["amber-ink", [...GROUNDS, "amber-soft"]],
  ["on-cinnabar", ["cinnabar", "cinnabar-strong"]],
  ["on-jade", ["jade"]],
];

test.each([
  ["day", 0],
  ["night", 1],
] as const)("every text can be read on what it stands on, by %s", (_name, theme) => {
  const known = colours();
  const faint: string[] = [];
  for (const [text, grounds] of TEXTS) {
    for (const ground of grounds) {
      const found = ratio(known.get(text)?.[theme] ?? "", known.get(ground)?.[theme] ?? "");
      if (!(found >= 4.5)) faint.push(`${text} on ${ground}: ${found.toFixed(2)}`);
    }
  }

  expect(faint).toEqual([]);
});

test.each([0, 1] as const)("edges of fields and the mark of focus are seen (theme %i)", (theme) => {
  const known = colours();
  const edges = ["line-strong", "focus"].flatMap((edge) =>
    GROUNDS.map((ground) => ratio(known.get(edge)?.[theme] ?? "", known.get(ground)?.[theme] ?? "")),
  );

  expect(Math.min(...edges)).toBeGreaterThanOrEqual(3);
});
