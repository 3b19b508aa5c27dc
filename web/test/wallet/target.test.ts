import { Domain, HashKind } from "@tongbao/client";
import { expect, test } from "vitest";
import { hashOf, routeOf } from "../../src/wallet/model/route";
import { payerCodeIn, phoneIn, targetOf } from "../../src/wallet/model/target";

const GENESIS = { domain: new Domain(new Uint8Array(32), HashKind.Sha256), testNetwork: true };
const ORDER = `tongbao:order?home=2&id=${"0f".repeat(16)}&network=00000000`;

test("a link leads to its order, also inside the address of a wallet's page", () => {
  const direct = targetOf(` ${ORDER}\n`, GENESIS);
  const carried = targetOf(`https://bank.example/wallet/${hashOf("pay", ORDER)}`, GENESIS);

  expect(direct).toMatchObject({ kind: "order", home: 2, orderId: "0f".repeat(16) });
  expect(carried).toEqual(direct);
});

test("a link of another network says so, and no other code is made up", () => {
  expect(targetOf(ORDER.replace("00000000", "12345678"), GENESIS)).toEqual({ kind: "misread", code: "WRONG_NETWORK" });
});

test.each(["", "hello", "tongbao:order?home=2", "javascript:alert(1)", "https://shop.example/#pay=%E0%A4%A"])(
  "what leads to nobody is refused: %j",
  (text) => {
    expect(targetOf(text, GENESIS).kind).toBe("misread");
  },
);

test("telephone numbers are read as people write them, and eleven digits are China's", () => {
  expect(["138 0013 8000", "+44 (20) 7946-0958", "１３８００１３８０００"].map(phoneIn)).toEqual([
    "+8613800138000",
    "+442079460958",
    "+8613800138000",
  ]);
  expect(["12345", "+0123456789", "tbt1qyq"].map(phoneIn)).toEqual([null, null, null]);
});

test("every place is found again by its address, with what it is about", () => {
  const routes = [
    { place: "home", about: "" },
    { place: "pay", about: ORDER },
    { place: "history", about: "42" },
    { place: "settings", about: "" },
  ] as const;

  expect(routes.map(({ place, about }) => routeOf(hashOf(place, about)))).toEqual(routes);
});

test("an address that names no place, or cannot be read, leads home and not astray", () => {
  expect([routeOf("#/nowhere").place, routeOf("#pay=%E0%A4%A")]).toEqual(["home", { place: "pay", about: "" }]);
});

test("the code that a payer shows is for asking, with its spaces or without, and not for paying", () => {
  const shown = "7100 0000 0001 2380 3604 0016 9818 3431";

  expect(payerCodeIn(` ${shown} `)).toBe(shown.replaceAll(" ", ""));
  expect(payerCodeIn("tongbao:order?home=1")).toBeNull();
  expect(targetOf(shown, GENESIS)).toEqual({ kind: "misread", code: "CODE_INVALID" });
});
