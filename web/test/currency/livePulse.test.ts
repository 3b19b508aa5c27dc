// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LivePulse } from "../../src/currency/livePulse.svelte";

/** An event source that a test speaks through. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  readyState = 1;

  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }

  close(): void {
    this.readyState = Source.CLOSED;
  }

  tell(pulse: object): void {
    this.dispatchEvent(new MessageEvent("pulse", { data: JSON.stringify(pulse) }));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  vi.stubGlobal("EventSource", Source);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function latest(): Source {
  const found = Source.all.at(-1);
  if (found === undefined) throw new Error("nobody was asked");
  return found;
}

test("what comes is live, and late once nothing comes for some seconds", () => {
  const live = new LivePulse("/v1/pulse/events");
  const leave = live.follow();
  expect(live.freshness).toBe("connecting");

  latest().tell({ second: 5 });
  expect([live.freshness, live.pulse?.second]).toEqual(["live", 5]);
  vi.advanceTimersByTime(6_000);
  expect(live.freshness).toBe("late");
  latest().tell({ second: 11 });
  expect(live.freshness).toBe("live");
  leave();
});

test("a lost connection is said, and what was known stays", () => {
  const live = new LivePulse("/v1/pulse/events");
  const leave = live.follow();
  latest().tell({ second: 5 });

  latest().dispatchEvent(new Event("error"));

  expect([live.freshness, live.pulse?.second]).toEqual(["lost", 5]);
  leave();
});

test("a server that refused is asked again a while later, and nobody after the page was left", () => {
  const live = new LivePulse("/v1/pulse/events");
  const leave = live.follow();
  latest().readyState = Source.CLOSED;
  latest().dispatchEvent(new Event("error"));

  vi.advanceTimersByTime(3_000);
  expect(Source.all).toHaveLength(1);
  vi.advanceTimersByTime(4_000);
  expect(Source.all).toHaveLength(2);
  expect(live.freshness).toBe("lost");
  leave();
  vi.advanceTimersByTime(60_000);
  expect(Source.all).toHaveLength(2);
  expect(latest().readyState).toBe(Source.CLOSED);
});

test("a stream that says nothing for long is dead, and another is asked for", () => {
  const live = new LivePulse("/v1/pulse/events");
  const leave = live.follow();
  const [first] = Source.all;
  latest().tell({ second: 5 });

  vi.advanceTimersByTime(12_000);

  expect([Source.all.length, first?.readyState, live.freshness]).toEqual([2, Source.CLOSED, "late"]);
  latest().tell({ second: 17 });
  expect([live.freshness, live.pulse?.second]).toEqual(["live", 17]);
  leave();
});
