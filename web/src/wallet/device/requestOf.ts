/** The id of the payment that an address of the page leads to: the same after a reload, another when the address is come to anew. */

interface Kept {
  readonly about: string;
  readonly requestId: string;
}

/** What is asked of the browser's history: its entry keeps its state over a reload, and goes with the entry. */
export type HistoryEntry = Pick<History, "state" | "replaceState">;

/** The entry's request id for `about`, made at the first question. */
export function requestOf(about: string, entry: HistoryEntry): string {
  const kept = entry.state as Partial<Kept> | null;
  if (kept?.about === about && typeof kept.requestId === "string") return kept.requestId;
  const made: Kept = { about, requestId: crypto.randomUUID() };
  entry.replaceState(made, "");
  return made.requestId;
}
