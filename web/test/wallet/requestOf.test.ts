import { expect, test } from "vitest";
import { type HistoryEntry, requestOf } from "../../src/wallet/device/requestOf";

function newEntry(): HistoryEntry {
  const entry = { state: null as unknown, replaceState: (state: unknown) => void (entry.state = structuredClone(state)) };
  return entry;
}

test("a page that is loaded again at the same address goes on with the same payment", () => {
  const entry = newEntry();
  const first = requestOf("tongbao:pay?to=x", entry);

  expect(requestOf("tongbao:pay?to=x", entry)).toBe(first);
});

test("whoever comes to the same address anew makes another payment", () => {
  expect(requestOf("tongbao:pay?to=x", newEntry())).not.toBe(requestOf("tongbao:pay?to=x", newEntry()));
});

test("another code at the same entry is another payment", () => {
  const entry = newEntry();

  expect(requestOf("tongbao:pay?to=x", entry)).not.toBe(requestOf("tongbao:pay?to=y", entry));
});

test("what else a page has kept with its entry is no request", () => {
  const entry = newEntry();
  entry.replaceState({ about: "tongbao:pay?to=x", requestId: 7 }, "");

  expect(requestOf("tongbao:pay?to=x", entry)).toMatch(/^[0-9a-f-]{36}$/);
});
