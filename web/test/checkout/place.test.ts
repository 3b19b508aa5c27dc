import { describe, expect, it } from "vitest";
import { placeOf, placeToReturn, walletUrl } from "../../src/checkout/place";

const ID = "46338182a54d18adea1350e161366f4e";

describe("a checkout's address", () => {
  it("leads to an order", () => {
    expect(placeOf(`?home=2&order=${ID}`)).toEqual({ kind: "order", home: 2, orderId: ID });
  });

  it("leads to a shop's button, with a price or without", () => {
    expect(placeOf(`?home=1&shop=${ID}&amount=305`)).toEqual({ kind: "button", home: 1, walletId: ID, amountFen: 305 });
    expect(placeOf(`?home=1&shop=${ID}`)).toEqual({ kind: "button", home: 1, walletId: ID, amountFen: null });
  });

  it.each([
    "",
    `?order=${ID}`,
    `?home=0&order=${ID}`,
    `?home=1&order=${ID.toUpperCase()}`,
    "?home=1&order=../../v1/genesis",
    `?home=1%2F..&order=${ID}`,
    `?home=1&shop=${ID}&amount=-5`,
    `?home=1&shop=${ID}&amount=1e9`,
    `?home=1&shop=${ID}&amount=9007199254740993`,
  ])("leads nowhere where it is %j", (search) => {
    expect(placeOf(search)).toBeNull();
  });
});

describe("a shop's address to come back to", () => {
  it("names the site that it leads to", () => {
    expect(placeToReturn("https://tea.example:8443/done?x=1#y")).toEqual({
      href: "https://tea.example:8443/done?x=1#y",
      site: "tea.example:8443",
    });
  });

  it.each([null, "javascript:alert(1)", "data:text/html,x", "not an address", "tongbao:order?home=1"])(
    "is none where it is %j",
    (url) => {
      expect(placeToReturn(url)).toBeNull();
    },
  );
});

describe("a link into the wallet", () => {
  it("carries the code whole", () => {
    const link = `tongbao:order?home=1&id=${ID}&network=00010203`;

    expect(decodeURIComponent(walletUrl(link).split("#pay=")[1] ?? "")).toBe(link);
  });
});
