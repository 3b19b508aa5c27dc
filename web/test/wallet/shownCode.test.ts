// @vitest-environment jsdom
import { NetworkError } from "@tongbao/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CodeBook } from "../../src/wallet/homeCalls";
import type { OpenWallet } from "../../src/wallet/openWallet.svelte";
import { ShownCode } from "../../src/wallet/shownCode.svelte";

const LASTS_MS = 60_000;

beforeEach(() => vi.useFakeTimers());

afterEach(() => vi.useRealTimers());

test("a code that has expired without a network is shown no more, and a new one once there is a network again", async () => {
  let isReached = true;
  let asked = 0;
  const openCodes = (): Promise<CodeBook> => {
    asked += 1;
    if (!isReached) return Promise.reject(new NetworkError("no answer"));
    const handle = String(asked).padStart(12, "0");
    return Promise.resolve({ home: 2, handle, expires_at_ms: Date.now() + LASTS_MS } as CodeBook);
  };
  const code = new ShownCode({ calls: { openCodes }, requests: [] } as unknown as OpenWallet);
  const leaving = new AbortController();
  await code.show(leaving.signal);
  const first = code.text;

  isReached = false;
  await vi.advanceTimersByTimeAsync(LASTS_MS + 12_000);
  expect([first.length, code.text, code.trouble, asked]).toEqual([32, "", "NETWORK", 4]);
  isReached = true;
  await vi.advanceTimersByTimeAsync(6_000);

  expect([code.text.length, code.text === first, code.trouble]).toEqual([32, false, ""]);
  leaving.abort();
  await vi.advanceTimersByTimeAsync(2 * LASTS_MS);
  expect(asked).toBe(5);
});
