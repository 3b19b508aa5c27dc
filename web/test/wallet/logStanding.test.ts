import { NetworkError, ProblemError, Receipt, toHex } from "@tongbao/client";
import { expect, test } from "vitest";
import { type LogSource, logStandingOf } from "../../src/wallet/model/logStanding";
import { loadLogVectors } from "./logVectors";

const vectors = loadLogVectors();
const KEYS = vectors.keysOf("settled, signed as a log signs");
const LOGGED = vectors.receiptOf("settled, signed as a log signs");
const PAID = toHex(Receipt.decode(LOGGED).transactionId);

/** A centre that answers so, beside a device that keeps what it is given. */
class Source implements LogSource {
  readonly shelf = new Map<string, Uint8Array>();
  asked = 0;

  constructor(
    private readonly answer: Uint8Array | Error,
    readonly keys: readonly string[] = KEYS,
  ) {}

  kept = (transactionId: string): Promise<Uint8Array | undefined> => Promise.resolve(this.shelf.get(transactionId));

  keep(transactionId: string, receipt: Uint8Array): Promise<void> {
    this.shelf.set(transactionId, receipt);
    return Promise.resolve();
  }

  ask(): Promise<Uint8Array> {
    this.asked += 1;
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
}

test("a payment that the log holds is told with its place and the log's size", async () => {
  const standing = await logStandingOf(PAID, new Source(LOGGED));

  expect(standing).toEqual({ kind: "logged", index: 23n, size: 25n, receipt: LOGGED });
});

test("a proof that was fetched once holds without a network", async () => {
  const online = new Source(LOGGED);
  await logStandingOf(PAID, online);
  const offline = new Source(new NetworkError("no answer"));
  offline.shelf.set(PAID, online.shelf.get(PAID) ?? new Uint8Array());

  const standing = await logStandingOf(PAID, offline);

  expect([standing.kind, offline.asked]).toEqual(["logged", 0]);
});

test("a kept proof that was changed is fetched again", async () => {
  const source = new Source(LOGGED);
  source.shelf.set(PAID, vectors.receiptOf("a bent hash"));

  expect((await logStandingOf(PAID, source)).kind).toBe("logged");
  expect(source.shelf.get(PAID)).toEqual(LOGGED);
});

test("a device that keeps nothing loses no more than the proof's next visit", async () => {
  const full = Object.assign(new Source(LOGGED), { keep: () => Promise.reject(new Error("full")) });

  expect((await logStandingOf(PAID, full)).kind).toBe("logged");
});

test.each([
  ["waiting", new ProblemError("not covered yet", "BUSY", 503)],
  ["none", new ProblemError("no log", "NOT_FOUND", 404)],
  ["unreachable", new NetworkError("no answer")],
  ["unreachable", new ProblemError("too fast", "RATE_LIMITED", 429)],
])("no proof is told as %s, and is no failure", async (kind, error) => {
  expect(await logStandingOf(PAID, new Source(error))).toEqual({ kind });
});

test("a network without a log is not asked", async () => {
  const source = new Source(LOGGED, []);

  expect([await logStandingOf(PAID, source), source.asked]).toEqual([{ kind: "none" }, 0]);
});

test.each([
  ["PROOF_INVALID", "a bent hash"],
  ["SIGNED_TEXT_INVALID", "another size than what was signed"],
  ["RECEIPT_INVALID", "of another network"],
  ["RECEIPT_INVALID", "no proof"],
])("an answer that lies is told by its code, and not kept: %s, %s", async (code, reason) => {
  const source = new Source(vectors.receiptOf(reason));

  expect(await logStandingOf(PAID, source)).toEqual({ kind: "false", code });
  expect(source.shelf.size).toBe(0);
});

test.each([
  ["RECEIPT_OTHER", "the first of the batch"],
  ["RECEIPT_REFUSAL", "a refused transaction, as what it is"],
])("a true receipt of something else proves nothing of this payment: %s", async (code, name) => {
  expect(await logStandingOf(PAID, new Source(vectors.receiptOf(name)))).toEqual({ kind: "false", code });
});

test("keys that are none are no proof, and no failure of the page", async () => {
  expect(await logStandingOf(PAID, new Source(LOGGED, ["key"]))).toEqual({ kind: "false", code: "MALFORMED" });
});
