import { expect, test } from "vitest";
import { type Entry, byDays, entryOf, mergeEntries, nearness, olderFrom, whomOf } from "../../src/wallet/model/history";

const TOLD = {
  entry_id: "7",
  kind: "payment",
  amount_fen: -1_250,
  tip_fen: 50,
  counterparty: "Tea House",
  state: "settled",
  transaction_id: "ab".repeat(32),
  time_ms: Date.UTC(2026, 10, 22, 17, 0),
  receipt: "AA==",
};

const entry = (id: string, timeMs: number): Entry => entryOf({ ...TOLD, entry_id: id, time_ms: timeMs });

test("an entry of a kind that the page does not know is told, and not lost", () => {
  const told = entryOf({ ...TOLD, kind: "dividend" });

  expect(told).toMatchObject({ kind: "other", amountFen: -1_250, counterparty: "Tea House" });
});

test("only what is proven absent has failed; anything else that is not settled may still happen", () => {
  const states = ["settled", "absent", "endorsed", "refused"].map((state) => entryOf({ ...TOLD, state }).state);

  expect(states).toEqual(["settled", "failed", "pending", "pending"]);
});

test("pages are merged newest first by number, each entry once, the later word winning", () => {
  const known = [entry("10", 3), entry("9", 2)];
  const told = [{ ...entry("9", 2), state: "failed" as const }, entry("8", 1)];

  const merged = mergeEntries(known, told);

  expect(merged.map(({ id, state }) => [id, state])).toEqual([["10", "settled"], ["9", "failed"], ["8", "settled"]]);
});

test("days are those of the reader's zone: the same moment is another day in Shanghai than in Lima", () => {
  const entries = [entry("2", Date.UTC(2026, 10, 22, 17, 0)), entry("1", Date.UTC(2026, 10, 22, 15, 0))];

  expect(byDays(entries, "Asia/Shanghai").map(({ date }) => date)).toEqual(["2026-11-23", "2026-11-22"]);
  expect(byDays(entries, "America/Lima").map(({ date, entries: found }) => [date, found.length])).toEqual([["2026-11-22", 2]]);
});

test("today and yesterday are said so, and no other day", () => {
  const nowMs = Date.UTC(2026, 10, 22, 12, 0);
  const days = [0, 1, 2].map((back) => byDays([entry("1", nowMs - back * 86_400_000)], "UTC")[0]);

  expect(days.map((day) => day && nearness(day, nowMs, "UTC"))).toEqual(["today", "yesterday", null]);
});

test("an address is shown by the name that was seen, or by its two ends, and anything else as the home tells it", () => {
  const address = "tbt1qyqqqqqzvp7svxjqgzm8tjgtkpt2tp0smukt86hk";
  const paid = { ...entry("1", 0), counterparty: address };

  expect(whomOf(paid, new Map([[address, "*小明"]]))).toBe("*小明");
  expect(whomOf(paid, new Map())).toBe("tbt1qyqqqq…kt86hk");
  expect(whomOf(entry("1", 0), new Map())).toBe("Tea House");
});

test("where older entries begin stays as it was, unless it was not known or something lies between", () => {
  const known = [entry("7", 1), entry("6", 1)];
  const meets = [entry("8", 1), entry("7", 1)];

  expect(olderFrom(null, known, meets, "after 7")).toBe("after 7");
  expect(["", "after 6"].map((before) => olderFrom(before, known, meets, "after 7"))).toEqual(["", "after 6"]);
  expect(olderFrom("", known, [entry("10", 1), entry("9", 1)], "after 9")).toBe("after 9");
});
