import { type KeptPayment, NetworkError, PeerError, ProblemError, UnexplainedError, orderPaymentName } from "@tongbao/client";
import { expect, test } from "vitest";
import { afterFailure, isSilence, keptAs, openOnes, promisedFen } from "../../src/wallet/model/attempt";

const NAME = orderPaymentName(2, "f0");
const SIGNED: KeptPayment = {
  name: NAME,
  paymentId: "p",
  amountFen: 1_280,
  transaction: "",
  transactionId: "aa",
  coinIds: [],
  change: null,
  expiryMs: 9_000,
  state: "signed",
  receipt: null,
};

test("what failed before anything was signed is refused: nothing can have happened", () => {
  expect(afterFailure(new ProblemError("", "LIMIT_DAY", 422), null)).toEqual({ kind: "refused", code: "LIMIT_DAY", field: "" });
});

test.each([new NetworkError("no answer"), new ProblemError("", "LIMIT_DAY", 422)])(
  "what failed after signing is in doubt until it expires, whoever said no: %s",
  (error) => {
    expect(afterFailure(error, SIGNED)).toEqual({ kind: "doubt", code: error.code, expiryMs: 9_000 });
  },
);

test("what another tab has settled meanwhile is paid", () => {
  const settled = { ...SIGNED, state: "settled" as const };

  expect(afterFailure(new NetworkError("no answer"), settled)).toEqual({ kind: "paid", payment: settled });
});

test("an error that is none of the money's leaves the payment as it was kept", () => {
  const [settled, error] = [{ ...SIGNED, state: "settled" as const }, new RangeError("a bug")];

  expect([null, SIGNED, settled].map((kept) => afterFailure(error, kept))).toEqual([
    { kind: "refused", code: "UNKNOWN", field: "" },
    { kind: "doubt", code: "UNKNOWN", expiryMs: 9_000 },
    { kind: "paid", payment: settled },
  ]);
});

test("nobody answering is told from somebody saying no", () => {
  const silent = [new NetworkError(""), new ProblemError("", "BUSY", 503), new UnexplainedError(502)];
  const spoken = [new ProblemError("", "LIMIT_DAY", 422), new PeerError("the home prepares another payment"), new TypeError()];

  expect([silent.map(isSilence), spoken.map(isSilence)]).toEqual([[true, true, true], [false, false, false]]);
});

test("the newest payment of a name counts, and open ones are what is promised", () => {
  const never = { ...SIGNED, state: "never" as const, transactionId: "bb" };

  expect(keptAs([never, SIGNED], NAME)?.transactionId).toBe("aa");
  expect([openOnes([never, SIGNED]).length, promisedFen([never, SIGNED])]).toEqual([1, 1_280]);
});
