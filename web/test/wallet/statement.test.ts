import { expect, test } from "vitest";
import { lastMonths, statementCsv } from "../../src/wallet/model/statement";

const MOVEMENT = {
  number: "1",
  kind: "payment",
  amount_fen: -1_205,
  balance_fen: 95,
  counterparty: "Tea, House",
  transaction_id: null,
  time_ms: Date.UTC(2026, 0, 2),
};

function statementWith(counterparty: string): Parameters<typeof statementCsv>[0] {
  return {
    wallet_id: "",
    address: "",
    home: 1,
    institution: "",
    holder_name: "",
    account: "wallet",
    from_ms: 0,
    until_ms: 1,
    opening_fen: 1_300,
    movements: [{ ...MOVEMENT, counterparty }],
    closing_fen: 95,
    final: true,
    next: "",
    sequence: 1,
    time_ms: 1,
  };
}

test("months begin and end where the next ones do, over the turn of the year", () => {
  const months = lastMonths(new Date(2026, 0, 31), 3);

  expect(months.map(({ name }) => name)).toEqual(["2026-01", "2025-12", "2025-11"]);
  expect(months[1]?.untilMs).toBe(months[0]?.fromMs);
});

test("a statement has amounts to the fen and keeps commas inside their cell", () => {
  const [, line = ""] = statementCsv(statementWith("Tea, House")).split("\r\n");

  expect(line).toContain(',"Tea, House",');
  expect(line).toMatch(/-12\.05,0\.95,$/);
});

test.each(["=1+1", "+44", "-x", "@cmd"])("a name that a spreadsheet would run is text: %s", (name) => {
  expect(statementCsv(statementWith(name))).toContain(`,'${name},`);
});
