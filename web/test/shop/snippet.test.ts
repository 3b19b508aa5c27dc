/** @vitest-environment jsdom */

import { describe, expect, it } from "vitest";
import { buttonSnippet } from "../../src/shop/model/snippet";

describe("the snippet for a page", () => {
  it("is a link to the checkout with the shop's words, and nothing that runs, whatever the words are", () => {
    const place = document.createElement("div");

    place.innerHTML = buttonSnippet("https://x.example/checkout/?home=1&shop=ab", `"><script>alert(1)</script>`);

    const link = place.firstElementChild;
    expect(place.children.length).toBe(1);
    expect(link?.getAttribute("href")).toBe("https://x.example/checkout/?home=1&shop=ab");
    expect(link?.textContent).toBe(`"><script>alert(1)</script>`);
    expect(link?.children.length).toBe(0);
  });
});
