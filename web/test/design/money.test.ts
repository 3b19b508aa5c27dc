import { expect, test } from "vitest";
import { FEN_MAX, formatYuan, plainYuan, readYuan } from "../../src/design/money";

test.each([
  ["12", 1200],
  ["12.3", 1230],
  ["12.34", 1234],
  ["12.340", 1234],
  [".05", 5],
  ["0.10", 10],
  ["1,234.50", 123450],
  [" ¥ 1 234.5 ", 123450],
  ["１２．５", 1250],
  ["￥8。5", 850],
  ["90071992547409.91", FEN_MAX],
])("%j is an amount", (text, fen) => {
  expect(readYuan(text)).toEqual({ fen });
});

test.each([
  ["", "empty"],
  ["  ", "empty"],
  ["0", "zero"],
  ["0.00", "zero"],
  ["0.001", "tooFine"],
  ["1.234", "tooFine"],
  ["-5", "unreadable"],
  ["1e3", "unreadable"],
  ["1,23", "unreadable"],
  ["1.2.3", "unreadable"],
  [".", "unreadable"],
  ["¥", "empty"],
  ["twelve", "unreadable"],
  ["0x10", "unreadable"],
  ["90071992547409.92", "tooMuch"],
  ["9".repeat(10_000), "tooMuch"],
])("%j is none", (text, fault) => {
  expect(readYuan(text)).toEqual({ fault });
});

test("an amount above the given limit is too much", () => {
  expect(readYuan("50.01", 5_000)).toEqual({ fault: "tooMuch" });
});

test("what is shown is exact at any size and reads back as itself", () => {
  expect(formatYuan(FEN_MAX, "en")).toBe("¥90,071,992,547,409.91");
  expect(formatYuan(18_446_744_073_709_551_615n, "zh-CN")).toBe("¥184,467,440,737,095,516.15");
  expect(formatYuan(-5, "en")).toBe("−¥0.05");
  for (const fen of [1, 10, 99, 100, 123450, FEN_MAX]) expect(readYuan(plainYuan(fen))).toEqual({ fen });
});
