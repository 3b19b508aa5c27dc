import { describe, expect, it } from "vitest";
import { dayCsv } from "../../src/shop/model/dayCsv";

const LINE = {
  kind: "payment",
  time_ms: 1_790_000_000_000,
  order_id: "ab",
  order_number: "17",
  till_id: null,
  amount_fen: 1_280,
  tip_fen: 20,
  transaction_id: "cd",
} as const;

describe("a day as CSV", () => {
  it("has a header and a line for each payment and refund, with CRLF behind each", () => {
    const refund = { ...LINE, kind: "refund", amount_fen: -300, tip_fen: 0, till_id: "ef" } as const;

    expect(dayCsv([LINE, refund])).toBe(
      "kind,time_ms,order_number,order_id,till_id,amount_fen,tip_fen,transaction_id\r\n" +
        "payment,1790000000000,17,ab,,1280,20,cd\r\n" +
        "refund,1790000000000,17,ab,ef,-300,0,cd\r\n",
    );
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["@cmd", "'@cmd"],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["-2", "'-2"],
    ["two\nlines", '"two\nlines"'],
  ])("says the number %j so that no spreadsheet reckons with it", (order_number, cell) => {
    expect(dayCsv([{ ...LINE, order_number }]).split("\r\n")[1]).toBe(`payment,1790000000000,${cell},ab,,1280,20,cd`);
  });
});
