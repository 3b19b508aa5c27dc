// @vitest-environment jsdom
import { type KeptPayment, NetworkError, type Order, type Wallet } from "@tongbao/client";
import { expect, test, vi } from "vitest";
import type { Profile, Shelf } from "../../src/wallet/device/shelf";
import type { HomeCalls } from "../../src/wallet/homeCalls";
import { OpenWallet } from "../../src/wallet/openWallet.svelte";
import { Paying } from "../../src/wallet/paying.svelte";
import type { Sounds } from "../../src/wallet/parts/sounds.svelte";

const ORDER = { home: 2, order_id: "f0", merchant_name: "Tea", amount_fen: 1_280, state: "open" } as Order;
const SETTLED = { name: "order 2 f0", amountFen: 1_280, transactionId: "aa", expiryMs: 9_000, state: "settled" } as KeptPayment;

/** As IndexedDB refuses when the disk is full, or when a newer page had the database closed. */
function refuse(): Promise<never> {
  return Promise.reject(new DOMException("the database is closed", "InvalidStateError"));
}

interface Asked {
  readonly paying: Paying;
  readonly opened: OpenWallet;
  readonly paid: () => number;
  /** What the home was asked to turn into money of the wallet, each with its request id; no answer comes to any of it. */
  readonly exchanges: { readonly amountFen: number; readonly requestId: string }[];
}

/** A payment of the order as its holder is asked for it, on a device whose shelf does as it is told. */
async function asked(shelf: Partial<Shelf>): Promise<Asked> {
  const exchanges: Asked["exchanges"] = [];
  const exchange = (amountFen: number, requestId: string): Promise<never> => {
    exchanges.push({ amountFen, requestId });
    return Promise.reject(new NetworkError("no answer"));
  };
  const payments: KeptPayment[] = [];
  const payOrder = vi.fn(() => {
    payments.push(SETTLED);
    return Promise.resolve(SETTLED);
  });
  const wallet = { payments, balanceFen: 5_000, order: () => Promise.resolve(ORDER), payOrder, exchange } as unknown as Wallet;
  const calls = { account: () => Promise.reject(new TypeError("no network")) } as unknown as HomeCalls;
  const opened = new OpenWallet({
    profile: { id: "w" } as Profile,
    wallet,
    calls,
    shelf: { intentions: () => Promise.resolve([]), keepIntention: () => Promise.resolve(), ...shelf } as Shelf,
    sounds: {} as Sounds,
  });
  opened.balanceFen = 5_000;
  const paying = new Paying(opened, false, "a-request");
  await paying.find({ kind: "order", home: 2, orderId: "f0", network: "" });
  return { paying, opened, exchanges, paid: () => payOrder.mock.calls.length };
}

test("a device that can keep nothing refuses before anything is signed", async () => {
  const { paying, paid } = await asked({ keepIntention: refuse });

  await paying.pay();

  expect([paying.step, paying.trouble, paid()]).toEqual(["refused", "UNKNOWN", 0]);
});

test("a payment that has settled is paid, though the device could not tidy up after it", async () => {
  const { paying, paid } = await asked({ intentions: refuse });

  await paying.pay();

  expect([paying.step, paying.transactionId, paid()]).toEqual(["paid", "aa", 1]);
});

test("what is missing is added by one request, and by another once another amount is missing", async () => {
  const { paying, opened, exchanges } = await asked({});
  opened.depositFen = 5_000;

  for (const balanceFen of [280, 280, 1_000]) {
    opened.balanceFen = balanceFen;
    await paying.pay();
  }

  const [first, again, other] = exchanges;
  expect(exchanges.map((each) => each.amountFen)).toEqual([1_000, 1_000, 280]);
  expect([again?.requestId === first?.requestId, other?.requestId === first?.requestId]).toEqual([true, false]);
});

test("a person who was paid is not paid again by a page that was loaded anew", async () => {
  const address = "tbt1friend";
  const name = `person ${address} a-request-500`;
  const payments = [{ ...SETTLED, name, amountFen: 500 }, { ...SETTLED, name: `person ${address} a-request-700`, state: "signed" }];
  const wallet = { payments, payee: () => Promise.resolve({ name: "F***", kind: "personal" }) } as unknown as Wallet;
  const paying = new Paying({ wallet, requests: [] } as unknown as OpenWallet, false, "a-request");
  const steps: string[] = [];

  for (const amountFen of [500, 700, 900]) {
    await paying.find({ kind: "person", address, network: "", amountFen, purpose: "" });
    steps.push(paying.step);
  }

  expect(steps).toEqual(["paid", "doubt", "agree"]);
});
