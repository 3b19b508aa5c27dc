/** Times as people read them; a server says them in milliseconds since 1970. */

/** Day and time of day, short. */
export function formatTime(timeMs: number, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" }).format(timeMs);
}

/** The day alone, as a heading of a list. */
export function formatDay(timeMs: number, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: "full" }).format(timeMs);
}

/** The time of day alone. */
export function formatClock(timeMs: number, tag: string): string {
  return new Intl.DateTimeFormat(tag, { timeStyle: "short" }).format(timeMs);
}
