import { describe, expect, it } from "vitest";
import { type PadKey, padKeyOf, pressed } from "../../src/shop/model/keypad";

function typed(keys: string): string {
  return Array.from(keys, (key) => (key === "<" ? "back" : key) as PadKey).reduce(pressed, "");
}

describe("a keypad", () => {
  it.each([
    ["1280", "1280"],
    ["12.8", "12.8"],
    [".5", "0.5"],
    ["007", "7"],
    ["0.05", "0.05"],
    ["1.239", "1.23"],
    ["1..2", "1.2"],
    ["12<3", "13"],
    ["<", ""],
    ["1234567890", "12345678"],
  ])("makes of the keys %s the amount %s", (keys, amount) => {
    expect(typed(keys)).toBe(amount);
  });

  it("is typed on by a keyboard, and leaves other keys alone", () => {
    expect(["5", "Backspace", ",", "Decimal", "a", "Tab"].map(padKeyOf)).toEqual(["5", "back", ".", ".", null, null]);
  });
});
