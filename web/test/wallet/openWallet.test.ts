// @vitest-environment jsdom
import type { History, Wallet } from "@tongbao/client";
import { expect, test } from "vitest";
import type { Profile, Shelf } from "../../src/wallet/device/shelf";
import type { HomeCalls } from "../../src/wallet/homeCalls";
import { OpenWallet } from "../../src/wallet/openWallet.svelte";
import type { Sounds } from "../../src/wallet/parts/sounds.svelte";

function page(ids: readonly number[], next: string): History {
  const entries = ids.map((id) => ({ entry_id: String(id), kind: "received", amount_fen: 1, state: "settled", time_ms: id }));
  return { entries, next } as unknown as History;
}

/** A wallet whose home tells `pages` by the cursor that they are asked for with; "" is the newest. */
function openWallet(pages: Record<string, History>): OpenWallet {
  const wallet = {
    payments: [],
    balanceFen: 0,
    keysLeft: { isLow: false, later: [] },
    sync: () => Promise.resolve(0),
    refill: () => Promise.resolve(),
    refunds: { received: () => Promise.resolve([]) },
    pockets: { all: () => Promise.resolve([]) },
  } as unknown as Wallet;
  const calls = {
    account: () => Promise.resolve({ state: "open", deposit_fen: 0 }),
    history: (after = "") => Promise.resolve(pages[after]),
    requests: () => Promise.resolve([]),
  } as unknown as HomeCalls;
  const shelf = { keepSnapshot: () => Promise.resolve(), intentions: () => Promise.resolve([]) } as unknown as Shelf;
  return new OpenWallet({ profile: { id: "w" } as Profile, wallet, calls, shelf, sounds: {} as Sounds });
}

test("once the oldest entry is shown, nothing older is offered any more", async () => {
  const opened = openWallet({ "": page([4, 3], "3"), "3": page([2, 1], "") });
  await opened.refresh();
  expect(opened.older).toBe("3");
  await opened.showOlder();

  await opened.refresh();

  expect([opened.older, opened.entries.map((each) => each.id).join(" "), opened.trouble]).toEqual(["", "4 3 2 1", ""]);
});

test("entries between two looks that one page does not hold are offered as older ones", async () => {
  const pages: Record<string, History> = { "": page([3, 2], "2") };
  const opened = openWallet(pages);
  await opened.refresh();

  pages[""] = page([7, 6], "6");
  pages["6"] = page([5, 4], "4");
  pages["4"] = page([3, 2], "2");
  await opened.refresh();
  await opened.showOlder();
  await opened.showOlder();

  expect([opened.older, opened.entries.map((each) => each.id).join(" ")]).toEqual(["2", "7 6 5 4 3 2"]);
});
