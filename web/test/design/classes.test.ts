import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Each sheet of classes that reach into components, and the folders whose components stand on its pages. */
const SHEETS: readonly (readonly [sheet: string, folders: readonly string[]])[] = [
  ["src/design/page.css", ["src"]],
  ["src/wallet/wallet.css", ["src/wallet", "src/design"]],
];

/** The classes that rules of these styles are about; what is within `:global()` is said to be another's. */
function classesOf(styles: string): Set<string> {
  const rules = styles.replaceAll(/\/\*.*?\*\//gs, "").replaceAll(/:global\([^{]*\)/g, "");
  const selectors = [...rules.matchAll(/([^{};]*)\{/g)].map(([, selector = ""]) => selector);
  return new Set(selectors.flatMap((selector) => [...selector.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name = ""]) => name)));
}

function componentsIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((name) => name.endsWith(".svelte")).map((name) => join(folder, name));
}

function styleOf(component: string): string {
  return /<style>(.*)<\/style>/s.exec(readFileSync(component, "utf8"))?.[1] ?? "";
}

test("a component's class is no sheet's, whose rules would reach it too: where it means the sheet's, it says :global", () => {
  const clashes = SHEETS.flatMap(([sheet, folders]) => {
    const reaching = classesOf(readFileSync(sheet, "utf8"));
    expect(reaching.size, sheet).toBeGreaterThan(0);
    return folders.flatMap(componentsIn).flatMap((component) =>
      [...classesOf(styleOf(component))].filter((name) => reaching.has(name)).map((name) => `${component}: .${name} of ${sheet}`),
    );
  });

  expect(clashes).toEqual([]);
});

test("a class is found wherever it stands in a selector, and not where it is another's", () => {
  const styles = "/* .told { */ .one, p > a.two:hover {color: red;} @media (width < 9.5rem) { .three { margin: 0.5rem } } :global(.four) b { }";

  expect([...classesOf(styles)]).toEqual(["one", "two", "three"]);
});
