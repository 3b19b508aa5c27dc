/** What happens to the wallet, told as it happens: its event stream, gone on with where it broke off. */

import { type Signer, signRequest } from "@tongbao/client";
import type { components } from "../../../clients/typescript/src/api/institution";

export type WalletEvent = components["schemas"]["EventMessage"];

const PAUSE_MS_FIRST = 1_000;
const PAUSE_MS_MAX = 30_000;
/** Signs of life come more often; a stream that is silent for so long is dead. */
const SILENCE_MS = 60_000;

export interface Following {
  readonly homeUrl: string;
  readonly signer: Signer;
  readonly walletId: string;
  /** The id of the last event that was heard; "" for none. */
  readonly after: string;
  readonly signal: AbortSignal;
  readonly heard: (event: WalletEvent) => void;
  /** The connection stands, or broke. */
  readonly connected: (stands: boolean) => void;
}

/** Follow the stream until the signal ends it; a broken connection is made anew. */
export async function follow(following: Following): Promise<void> {
  let after = following.after;
  let pauseMs = PAUSE_MS_FIRST;
  while (!following.signal.aborted) {
    try {
      const answer = await ask(following, after);
      following.connected(true);
      pauseMs = PAUSE_MS_FIRST;
      for await (const event of eventsOf(answer, following.signal)) {
        after = event.event_id;
        following.heard(event);
      }
    } catch (error) {
      if (following.signal.aborted) return;
      if (error instanceof EventsGone) after = "";
      else following.connected(false);
    }
    await pause(pauseMs, following.signal);
    pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
  }
}

/** Events up to the cursor are no longer kept. */
class EventsGone extends Error {}

async function ask({ homeUrl, signer, walletId, signal }: Following, after: string): Promise<ReadableStream<Uint8Array>> {
  const url = `${homeUrl}/v1/wallets/${walletId}/events`;
  const request = { method: "GET", url, body: new Uint8Array(), idempotencyKey: "" } as const;
  const signed = await signRequest(request, signer, Math.floor(Date.now() / 1000));
  const answer = await fetch(url, {
    headers: { ...signed, accept: "text/event-stream", ...(after === "" ? {} : { "last-event-id": after }) },
    cache: "no-store",
    redirect: "error",
    signal,
  });
  if (answer.status === 410) throw new EventsGone();
  if (!answer.ok || answer.body === null) throw new Error(`the stream is answered with ${answer.status}`);
  return answer.body;
}

async function* eventsOf(stream: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<WalletEvent> {
  const reader = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let text = "";
  try {
    while (!signal.aborted) {
      const { done, value } = await within(SILENCE_MS, reader.read());
      if (done) return;
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = eventIn(block);
        if (event !== null) yield event;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/** The event that a block of the stream carries; null for a sign of life. */
export function eventIn(block: string): WalletEvent | null {
  const data = block
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trimStart())
    .join("\n");
  return data === "" ? null : (JSON.parse(data) as WalletEvent);
}

function within<T>(timeMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("silence")), timeMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeMs);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
