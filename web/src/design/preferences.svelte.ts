/** How a person likes the pages: language, theme and motion, kept on the device and shown on the document's root. */

export type Language = "en" | "zh";
export type Theme = "system" | "light" | "dark";
export type Motion = "system" | "reduced";

const PREFIX = "tongbao.";

const TAGS: Record<Language, string> = { en: "en", zh: "zh-CN" };

function kept<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return allowed.find((each) => each === text) ?? otherwise;
  } catch {
    return otherwise; // a browser that lets pages keep nothing
  }
}

function keep(name: string, text: string): void {
  try {
    localStorage.setItem(PREFIX + name, text);
  } catch {
    // It holds for this visit.
  }
}

function spoken(): Language {
  return typeof navigator !== "undefined" && /^zh/i.test(navigator.language) ? "zh" : "en";
}

class Preferences {
  #language = $state<Language>(kept("language", ["en", "zh"], spoken()));
  #theme = $state<Theme>(kept("theme", ["system", "light", "dark"], "system"));
  #motion = $state<Motion>(kept("motion", ["system", "reduced"], "system"));

  /** In which words are shown. */
  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
    keep("language", language);
    document.documentElement.lang = this.tag;
  }

  /** The language's name to browsers, as in `lang` and for numbers and dates. */
  get tag(): string {
    return TAGS[this.#language];
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    keep("theme", theme);
    const { dataset } = document.documentElement;
    if (theme === "system") delete dataset["theme"];
    else dataset["theme"] = theme;
  }

  get motion(): Motion {
    return this.#motion;
  }

  set motion(motion: Motion) {
    this.#motion = motion;
    keep("motion", motion);
    const { dataset } = document.documentElement;
    if (motion === "system") delete dataset["motion"];
    else dataset["motion"] = motion;
  }

  /** Whether things may move: neither the person nor the system asks for rest. */
  get moves(): boolean {
    return this.#motion === "system" && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  }
}

/** What this person likes; to set a property changes the page at once. */
export const preferences = new Preferences();
