import { expect, test } from "vitest";
import { eventIn } from "../../src/network/walletEvents";

test("a block of the event stream is an event, and a sign of life is none", () => {
  const block = 'id: 7\nevent: payment.received\ndata: {"event_id":"7","kind":"payment.received"}';

  expect(eventIn(block)).toMatchObject({ event_id: "7", kind: "payment.received" });
  expect(eventIn(": nothing new")).toBeNull();
});
