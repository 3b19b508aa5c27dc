/** The pulse, as long as the page is looked at; it says when it is old. */

import type { Pulse } from "./pulse";

/** Whether what is shown is what is. */
export type Freshness = "connecting" | "live" | "late" | "lost";

const LATE_AFTER_MS = 4_000;
/** Servers that refuse are asked again so much later; a lost connection the browser takes up by itself. */
const AGAIN_MS = 5_000;
/** A stream that is silent for so long is dead, although its connection may stand: a pulse comes each second. */
const SILENCE_MS = 10_000;
const LOOK_MS = 1_000;

/** Follows `/v1/pulse/events`; `follow` returns what ends it. */
export class LivePulse {
  pulse = $state.raw<Pulse | null>(null);
  freshness = $state<Freshness>("connecting");
  #source: EventSource | null = null;
  #heardMs = 0;
  #askedMs = 0;

  constructor(private readonly url: string) {}

  follow(): () => void {
    const look = setInterval(() => this.#look(), LOOK_MS);
    const turn = (): void => (document.hidden ? this.#leave() : this.#ask());
    document.addEventListener("visibilitychange", turn);
    turn();
    return () => {
      clearInterval(look);
      document.removeEventListener("visibilitychange", turn);
      this.#leave();
    };
  }

  #ask(): void {
    this.#leave();
    this.#askedMs = Date.now();
    const source = new EventSource(this.url);
    source.addEventListener("pulse", (event: MessageEvent<string>) => this.#hear(event.data));
    source.addEventListener("error", () => {
      if (this.freshness !== "connecting") this.freshness = "lost";
    });
    this.#source = source;
  }

  #hear(data: string): void {
    this.pulse = JSON.parse(data) as Pulse;
    this.#heardMs = Date.now();
    this.freshness = "live";
  }

  #look(): void {
    const [nowMs, source] = [Date.now(), this.#source];
    if (source === null) return;
    const silentMs = nowMs - Math.max(this.#heardMs, this.#askedMs);
    if (silentMs > LATE_AFTER_MS && this.freshness !== "lost") this.freshness = this.pulse === null ? "lost" : "late";
    const isRefused = source.readyState === EventSource.CLOSED && nowMs - this.#askedMs > AGAIN_MS;
    if (isRefused || silentMs > SILENCE_MS) this.#ask();
  }

  #leave(): void {
    this.#source?.close();
    this.#source = null;
  }
}
