/** One side of a signed conversation: ask, repeat the same bytes while nobody answers, throw what the answer means. */

import { ascii } from "./bytes.js";
import { NetworkError, PeerError, ProblemError, UnexplainedError } from "./errors.js";
import { type Signer, signRequest } from "./signature.js";

const STATUSES_TO_REPEAT = new Set([429, 502, 503, 504]);
const CODES_TO_REPEAT = new Set(["IDEMPOTENCY_KEY_IN_USE"]);

export interface Patience {
  /** For one attempt. */
  readonly timeoutMs: number;
  readonly attemptsMax: number;
  readonly pauseMsFirst: number;
  readonly pauseMsMax: number;
}

export const PATIENCE: Patience = { timeoutMs: 10_000, attemptsMax: 6, pauseMsFirst: 100, pauseMsMax: 3_000 };

interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly field?: string;
  readonly cure?: string;
  readonly retry_after_s?: number;
}

interface Failure {
  readonly error: Error;
  readonly repeatable: boolean;
  readonly retryAfterMs: number;
}

export class SignedClient {
  constructor(
    private readonly baseUrl: string,
    private readonly signer: Signer | null,
    private readonly patience: Patience = PATIENCE,
    private readonly fetcher: typeof fetch = (...asked) => fetch(...asked),
  ) {}

  /** Ask for JSON; `headers` are not covered by the signature. */
  async get<T>(path: string, query: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<T> {
    const text = new URLSearchParams(query).toString();
    return this.#exchange<T>("GET", text ? `${path}?${text}` : path, "", "", headers);
  }

  /** Send JSON; the same key and message again are the same change, now or after a restart. */
  async post<T>(path: string, message: object, idempotencyKey: string): Promise<T> {
    return this.#exchange<T>("POST", path, JSON.stringify(message), idempotencyKey, {});
  }

  async #exchange<T>(
    method: "GET" | "POST",
    target: string,
    body: string,
    idempotencyKey: string,
    headers: Record<string, string>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(method, target, body, idempotencyKey, headers);
      if (!("repeatable" in outcome)) return parse<T>(outcome.text);
      if (!outcome.repeatable || attempt >= this.patience.attemptsMax) throw outcome.error;
      const wanted = Math.max(this.patience.pauseMsFirst * 2 ** (attempt - 1), outcome.retryAfterMs);
      // Clients that failed together do not return together.
      await sleep(Math.min(wanted, this.patience.pauseMsMax) * (0.5 + Math.random() / 2));
    }
  }

  async #attempt(
    method: "GET" | "POST",
    target: string,
    body: string,
    idempotencyKey: string,
    headers: Record<string, string>,
  ): Promise<{ text: string } | Failure> {
    const url = this.baseUrl.replace(/\/+$/, "") + target;
    const request = { method, url, body: ascii(body), idempotencyKey };
    // Signed anew each time, because a signature grows stale; what is signed stays the same.
    const signed = this.signer ? await signRequest(request, this.signer, Math.floor(Date.now() / 1000)) : {};
    const sent = { ...headers, ...signed, ...(method === "GET" ? {} : { "idempotency-key": idempotencyKey }) };
    let answer: Response;
    let text: string;
    try {
      answer = await this.fetcher(url, {
        method,
        headers: body ? { ...sent, "content-type": "application/json" } : sent,
        ...(body ? { body } : {}),
        redirect: "error", // an answer from elsewhere is nobody's answer
        signal: AbortSignal.timeout(this.patience.timeoutMs),
      });
      text = await answer.text();
    } catch (error) {
      const failed = new NetworkError(`no answer from ${this.baseUrl}: ${String(error)}`);
      return { error: failed, repeatable: true, retryAfterMs: 0 };
    }
    return answer.ok ? { text } : failureOf(answer.status, text);
  }
}

function failureOf(status: number, text: string): Failure {
  let problem: Partial<Problem>;
  try {
    problem = JSON.parse(text) as Partial<Problem>;
  } catch {
    problem = {};
  }
  const repeatable = STATUSES_TO_REPEAT.has(status) || CODES_TO_REPEAT.has(problem.code ?? "");
  const retryAfterMs = 1000 * (problem.retry_after_s ?? 0);
  if (problem.code === undefined) return { error: new UnexplainedError(status), repeatable, retryAfterMs };
  const detail = problem.detail || problem.title || problem.code;
  const error = new ProblemError(detail, problem.code, status, problem.field, problem.cure);
  return { error, repeatable, retryAfterMs };
}

/** JSON whose whole numbers are exact; amounts above 2^53 fen are more than a JavaScript number can say. */
function parse<T>(text: string): T {
  try {
    return JSON.parse(text, (_, value: unknown) => {
      if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
        throw new PeerError(`the answer holds a number above 2^53: ${value}`);
      }
      return value;
    }) as T;
  } catch (error) {
    if (error instanceof PeerError) throw error;
    throw new PeerError(`the answer is no JSON: ${String(error)}`);
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
