// @vitest-environment jsdom
import { type Component, flushSync, mount, unmount } from "svelte";
import { afterEach, expect, test } from "vitest";
import { Amount, AmountField, Button, Failure, OthersText, preferences } from "../../src/design";

let shown: Record<string, unknown> | null = null;

function show(component: unknown, props: object): HTMLElement {
  shown = mount(component as Component<object>, { target: document.body, props });
  flushSync();
  return document.body;
}

afterEach(async () => {
  if (shown) await unmount(shown);
  shown = null;
  document.body.replaceChildren();
  preferences.language = "en";
});

function type(text: string): HTMLInputElement {
  const field = document.querySelector("input");
  if (field === null) throw new Error("there is no field");
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
  return field;
}

/** An amount field whose amount the test reads, as a page does with `bind:fen`. */
function amountField(first: number | null, more: { max?: number; maxFault?: string } = {}) {
  const bound = { fen: first };
  show(AmountField, {
    label: "Amount",
    ...more,
    get fen() {
      return bound.fen;
    },
    set fen(now: number | null) {
      bound.fen = now;
    },
  });
  return bound;
}

test("an amount field gives whole fen, or null while it holds none", () => {
  const bound = amountField(null);

  type("12.5");
  expect(bound.fen).toBe(1250);
  type("12.505");
  expect(bound.fen).toBeNull();
  type("1e3");
  expect(bound.fen).toBeNull();
});

test("what is wrong with an amount is said once the field is left, and belongs to the field", () => {
  amountField(null, { max: 5_000, maxFault: "More than you have." });

  const field = type("50.01");
  expect(document.body.textContent).not.toContain("More than you have.");
  field.dispatchEvent(new Event("blur"));
  flushSync();

  const said = document.getElementById(field.getAttribute("aria-describedby") ?? "");
  expect(said?.textContent).toBe("More than you have.");
  expect(field.getAttribute("aria-invalid")).toBe("true");
});

test("an amount field begins with the amount that the page has", () => {
  amountField(50_000);

  expect(document.querySelector("input")?.value).toBe("500.00");
});

test("an amount is shown with its sign and thousands apart", () => {
  expect(show(Amount, { fen: -123_456 }).textContent).toBe("−¥1,234.56");
});

test("others' markup is text, and the rest of a long one is shown when it is asked for", () => {
  const body = show(OthersText, { text: `<img src=x onerror=alert(1)>${"x".repeat(200)}`, letters: 30 });
  expect(body.querySelector("img")).toBeNull();
  expect(body.querySelector("bdi")?.textContent).toHaveLength(31);

  body.querySelector("button")?.click();
  flushSync();

  expect(body.querySelector("bdi")?.textContent).toContain("x".repeat(200));
});

test("a failure is said in words of ours, with its code, and follows the language", () => {
  const error = Object.assign(new Error("<b>call 555</b>"), { code: "LIMIT_DAY" });
  const body = show(Failure, { error });
  expect(body.querySelector('[role="alert"]')?.textContent).toContain("That is more than this wallet may pay in a day.");

  preferences.language = "zh";
  flushSync();

  expect(body.textContent).toContain("超过此钱包的每日限额。");
  expect(body.textContent).toContain("LIMIT_DAY");
  expect(body.textContent).not.toContain("555");
});

test("a button that is busy takes no second tap", () => {
  let taps = 0;
  const body = show(Button, { busy: true, onclick: () => (taps += 1), children: () => {} });

  body.querySelector("button")?.click();

  expect(taps).toBe(0);
  expect(body.querySelector("button")?.getAttribute("aria-busy")).toBe("true");
});
