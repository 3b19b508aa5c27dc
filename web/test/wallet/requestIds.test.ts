import { expect, test } from "vitest";
import { RequestIds } from "../../src/wallet/model/requestIds";

test("an amount is asked for under one id until it is answered, and another amount under another", () => {
  const ids = new RequestIds();
  const first = ids.of(20_000);

  expect([ids.of(5_000) === first, ids.of(20_000) === first]).toEqual([false, true]);
  ids.forget();
  expect(ids.of(20_000)).not.toBe(first);
});
