// @vitest-environment jsdom
import { NetworkError, type OrderDesk, ProblemError, type ShopOrder } from "@tongbao/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { habits } from "../../src/shop/model/habits.svelte";
import { Sale } from "../../src/shop/model/sale.svelte";

const OPEN = { order_id: "f0", merchant_wallet_id: "me", state: "open", expires_at_ms: 300_000, time_ms: 0 } as unknown as ShopOrder;
const PAID = { ...OPEN, state: "paid" } as ShopOrder;

/** A stream that stands, as a dead line does, and says nothing. */
class SilentSource extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readyState = 1;

  close(): void {
    this.readyState = SilentSource.CLOSED;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", SilentSource);
  habits.saleId = "f0";
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A counter whose desk gives these answers, one after the other, and the last for ever. */
function counter(...answers: readonly (ShopOrder | Error)[]): { sale: Sale; paid: ShopOrder[]; asked: () => number } {
  const paid: ShopOrder[] = [];
  const order = vi.fn(() => {
    const answer = answers[Math.min(order.mock.calls.length, answers.length) - 1];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as ShopOrder);
  });
  const desk = { owner: { merchantWalletId: "me", tillId: null }, order } as unknown as OrderDesk;
  const sale = new Sale(desk, "/homes/1", { paid: (each) => paid.push(each) });
  return { sale, paid, asked: () => order.mock.calls.length };
}

test("a sale is found again after a reload without a network, once there is one", async () => {
  const { sale } = counter(new NetworkError("no answer"), new ProblemError("", "BUSY", 503), OPEN);

  await sale.resume();
  expect([sale.order, habits.saleId]).toEqual([null, "f0"]);
  await vi.advanceTimersByTimeAsync(10_000);

  expect([sale.order?.state, habits.saleId]).toEqual(["open", "f0"]);
  sale.leave();
});

test("a sale that was paid during a reload is shown as paid until the next customer", async () => {
  const { sale, paid } = counter(PAID);

  await sale.resume();

  expect([sale.isPaid, paid]).toEqual([true, [PAID]]);
  sale.clear();
  expect([sale.order, habits.saleId]).toEqual([null, null]);
});

test.each([
  ["is not known", new ProblemError("", "NOT_FOUND", 404)],
  ["is another's", new ProblemError("", "FORBIDDEN", 403)],
  ["is another shop's, and paid", { ...PAID, merchant_wallet_id: "other" } as ShopOrder],
  ["has expired", { ...OPEN, state: "expired" } as ShopOrder],
])("a sale of before that %s is forgotten", async (_, answer) => {
  const { sale, paid } = counter(answer);

  await sale.resume();

  expect([sale.order, paid, habits.saleId]).toEqual([null, [], null]);
});

test("nobody is asked for a sale of before once the shop was left", async () => {
  const { sale, asked } = counter(new NetworkError("no answer"));
  await sale.resume();

  sale.leave();
  await vi.advanceTimersByTimeAsync(60_000);

  expect([asked(), habits.saleId]).toEqual([1, "f0"]);
});

test("a sale that waits is seen to be paid though its stream has died without a word", async () => {
  const { sale, paid, asked } = counter(OPEN, new NetworkError("no answer"), PAID);
  await sale.resume();

  await vi.advanceTimersByTimeAsync(31_000);

  expect([sale.isPaid, paid]).toEqual([true, [PAID]]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(3);
});
