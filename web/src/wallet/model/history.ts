/** The history as a holder reads it: what came, what went, by days. */

import type { History } from "@tongbao/client";

type Told = History["entries"][number];

const KINDS = ["payment", "received", "refund", "pocket", "exchange", "deposit"] as const;

/** What happened; kinds that this page does not know yet are told as `other`. */
export type EntryKind = (typeof KINDS)[number] | "other";

/** How far it is: `pending` may still settle or fail. */
export type EntryState = "settled" | "pending" | "failed";

/** One line of the history. */
export interface Entry {
  readonly id: string;
  readonly kind: EntryKind;
  /** Negative where money left the wallet. */
  readonly amountFen: number;
  readonly tipFen: number;
  /** The name of the other side, written by others: text and nothing else. */
  readonly counterparty: string;
  readonly state: EntryState;
  readonly transactionId: string | null;
  readonly timeMs: number;
  readonly receipt: string | null;
}

/** The entries of one day of the reader's calendar. */
export interface Day {
  /** As 2026-11-22, in the reader's time zone. */
  readonly date: string;
  readonly firstMs: number;
  readonly entries: readonly Entry[];
}

/** An entry as the home tells it. */
export function entryOf(told: Told): Entry {
  const kind = KINDS.find((each) => each === told.kind) ?? "other";
  return {
    id: told.entry_id,
    kind,
    amountFen: told.amount_fen,
    tipFen: told.tip_fen ?? 0,
    counterparty: told.counterparty,
    state: stateOf(told.state),
    transactionId: told.transaction_id,
    timeMs: told.time_ms,
    receipt: told.receipt,
  };
}

function stateOf(told: string): EntryState {
  if (told === "settled") return "settled";
  return told === "absent" ? "failed" : "pending";
}

/** Newest first and each once; what is told later replaces what was known. */
export function mergeEntries(known: readonly Entry[], told: readonly Entry[]): Entry[] {
  const byId = new Map(known.map((each) => [each.id, each]));
  for (const each of told) byId.set(each.id, each);
  return [...byId.values()].sort(newestFirst);
}

/**
 * Where the entries begin that are older than all that are known, once the newest page was told: where they began before,
 * unless that page is the first one, or meets nothing that is known, so that others lie between.
 */
export function olderFrom(before: string | null, known: readonly Entry[], newest: readonly Entry[], next: string): string {
  const ids = new Set(known.map((each) => each.id));
  return before !== null && newest.some((each) => ids.has(each.id)) ? before : next;
}

function newestFirst(one: Entry, other: Entry): number {
  const [first, second] = [BigInt(one.id), BigInt(other.id)];
  return first === second ? 0 : first < second ? 1 : -1;
}

/** An address: nobody knows it by heart, so its two ends are enough to tell it from others. */
const ADDRESS = /^tbt?1[02-9ac-hj-np-z]{30,88}$/;
const ENDS = [10, 6] as const;

/** Whom an entry is with: by the name that was seen when he was paid, a shortened address, or what the home says. */
export function whomOf(entry: Entry, names: ReadonlyMap<string, string>): string {
  const { counterparty } = entry;
  const name = names.get(counterparty);
  if (name !== undefined || !ADDRESS.test(counterparty)) return name ?? counterparty;
  return `${counterparty.slice(0, ENDS[0])}…${counterparty.slice(-ENDS[1])}`;
}

/** The entries by days, in the order in which they come. */
export function byDays(entries: readonly Entry[], timeZone: string): Day[] {
  const dates = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const days: { date: string; firstMs: number; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const date = dates.format(entry.timeMs);
    const last = days.at(-1);
    if (last?.date === date) last.entries.push(entry);
    else days.push({ date, firstMs: entry.timeMs, entries: [entry] });
  }
  return days;
}

/** Which of the last days it was, as readers say it; null for any other. */
export function nearness(day: Day, nowMs: number, timeZone: string): "today" | "yesterday" | null {
  const dates = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  if (day.date === dates.format(nowMs)) return "today";
  return day.date === dates.format(nowMs - 86_400_000) ? "yesterday" : null;
}
