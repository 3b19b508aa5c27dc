/** A home that is played by a test: whatever a wallet asks is answered here. */

import { afterEach } from "vitest";
import { ProblemError } from "../src/index.js";

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

type Answer = (path: string, query: URLSearchParams, asked: { body: string; headers: Headers }) => object;

/** Every request is answered by `answer`, by what it throws where that is a problem; returns the paths asked for. */
export function homeThat(answer: Answer): string[] {
  const asked: string[] = [];
  globalThis.fetch = async (input, init) => {
    const url = new URL(String(input));
    asked.push(url.pathname);
    const body = init?.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : String(init?.body ?? "");
    const headers = new Headers(init?.headers);
    try {
      return new Response(JSON.stringify(answer(url.pathname, url.searchParams, { body, headers })), { status: 200 });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { code, field, cure, message } = error;
      return new Response(JSON.stringify({ code, field, cure, title: message }), { status: error.status });
    }
  };
  return asked;
}
