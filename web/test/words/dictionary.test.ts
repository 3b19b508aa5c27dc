// @vitest-environment jsdom
import { afterEach, expect, test } from "vitest";
import { preferences } from "../../src/design/preferences.svelte";
import { dictionary } from "../../src/words/dictionary";

const words = dictionary({
  greeting: { en: "Welcome", zh: "欢迎" },
  coins: { en: (count: number) => `${count} coins`, zh: (count: number) => `${count} 枚币` },
});

afterEach(() => {
  preferences.language = "en";
});

test("a key is read in the language that is chosen when it is read", () => {
  preferences.language = "en";
  const before = words.greeting;

  preferences.language = "zh";

  expect([before, words.greeting, words.coins(3)]).toEqual(["Welcome", "欢迎", "3 枚币"]);
});

test("the choice of a language is kept and told to screen readers", () => {
  preferences.language = "zh";

  expect(document.documentElement.lang).toBe("zh-CN");
  expect(localStorage.getItem("tongbao.language")).toBe("zh");
});
