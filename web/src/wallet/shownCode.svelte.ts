/** The code that a payer shows to a shop: a new one each half minute, and the request that comes of it. */

import { type CodeSecret, STEP_MS, fromHex, paymentCodeAt, toHex } from "@tongbao/client";
import { codeOf } from "../network/problems";
import type { MoneyRequest } from "./homeCalls";
import type { OpenWallet } from "./openWallet.svelte";

const SECRET_BYTES = 32;
/** How often the clock is looked at. */
const TICK_MS = 500;
/** After nobody opened new codes, they are asked for again so much later. */
const AGAIN_MS = 5_000;

export class ShownCode {
  /** 32 digits; "" while there is none. */
  text = $state("");
  /** Whole seconds until the next code. */
  leftS = $state(0);
  trouble = $state("");
  #book: CodeSecret | null = null;
  #expiresAtMs = 0;
  #askAgainAtMs = 0;
  #isAsking = false;
  readonly #shown = new Set<string>();

  constructor(private readonly opened: OpenWallet) {}

  /** Show codes until the signal ends it. */
  async show(signal: AbortSignal): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      this.trouble = codeOf(error);
      return;
    }
    if (signal.aborted) return;
    const tick = setInterval(() => this.#turn(), TICK_MS);
    signal.addEventListener("abort", () => clearInterval(tick), { once: true });
    this.#turn();
  }

  /** A request by a code that was really shown here; null where there is none. */
  get answered(): MoneyRequest | null {
    return this.opened.requests.find((each) => this.#shown.has(each.payment_code)) ?? null;
  }

  async #open(): Promise<void> {
    const secret = toHex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
    const { home, handle, expires_at_ms } = await this.opened.calls.openCodes(secret);
    this.#book = { home, handle, secret: fromHex(secret) };
    this.#expiresAtMs = expires_at_ms;
  }

  async #openAgain(): Promise<void> {
    this.#isAsking = true;
    try {
      await this.#open();
      this.trouble = "";
    } catch (error) {
      this.trouble = codeOf(error);
      this.#askAgainAtMs = Date.now() + AGAIN_MS;
    } finally {
      this.#isAsking = false;
    }
  }

  #turn(): void {
    const nowMs = Date.now();
    if (this.#book !== null && nowMs > this.#expiresAtMs) this.#book = null;
    if (this.#book === null) {
      // A shop would be told that the old code is none.
      this.text = "";
      if (!this.#isAsking && nowMs >= this.#askAgainAtMs) void this.#openAgain();
      return;
    }
    this.text = paymentCodeAt(this.#book, nowMs);
    this.#shown.add(this.text);
    this.leftS = Math.ceil((STEP_MS - (nowMs % STEP_MS)) / 1000);
  }
}
