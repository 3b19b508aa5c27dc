/** What the registration centre tells anybody of the ledger, as it stands in `docs/reference/http-api.md`. */

/** Amounts of one asset at one institution, in fen. */
export interface AtHome {
  readonly asset: number;
  readonly home: number;
  readonly issued: number;
  readonly redeemed: number;
  readonly unspent: number;
}

/** The supply, and the digest of the state that says so. */
export interface Supply {
  readonly sequence: number;
  readonly time_ms: number;
  readonly state_digest: string;
  readonly totals: readonly AtHome[];
}

/** How the ledger fares in one second. */
export interface Pulse {
  readonly name: string;
  readonly kernel: string;
  readonly second: number;
  readonly chain_head: string;
  readonly settled_per_s: readonly number[];
  readonly latency: { readonly transactions: number; readonly p50_ms: number | null; readonly p99_ms: number | null };
  readonly supply: Supply;
  readonly sequence: number;
  readonly time_ms: number;
}

/** The currency itself among the assets. */
const CURRENCY = 0;

/** The currency at one institution. */
export interface HomeFigures {
  readonly home: number;
  readonly issued: bigint;
  readonly redeemed: bigint;
  /** What its wallets and its vault hold: money moves between institutions. */
  readonly held: bigint;
}

/** The currency as a whole. */
export interface Figures {
  readonly issued: bigint;
  readonly redeemed: bigint;
  readonly outstanding: bigint;
  /** The sum of all coins that nobody has spent; another count of what is outstanding. */
  readonly unspent: bigint;
  readonly homes: readonly HomeFigures[];
}

/** The figures of the currency in a supply. */
export function figuresOf(supply: Supply): Figures {
  const homes = supply.totals
    .filter((each) => each.asset === CURRENCY)
    .map((each) => ({
      home: each.home,
      issued: BigInt(each.issued),
      redeemed: BigInt(each.redeemed),
      held: BigInt(each.unspent),
    }));
  const sum = (of: (each: HomeFigures) => bigint): bigint => homes.reduce((total, each) => total + of(each), 0n);
  const [issued, redeemed] = [sum((each) => each.issued), sum((each) => each.redeemed)];
  return { issued, redeemed, outstanding: issued - redeemed, unspent: sum((each) => each.held), homes };
}

/** A part of a whole in thousandths, for drawing. */
export function thousandths(part: bigint, whole: bigint): number {
  return whole > 0n ? Number((part * 1000n) / whole) : 0;
}

/** What a series of counts per second says in figures. */
export function rateOf(series: readonly number[]): { readonly now: number; readonly most: number; readonly total: number } {
  const lately = series.slice(-5);
  const total = series.reduce((sum, each) => sum + each, 0);
  return {
    now: lately.length ? lately.reduce((sum, each) => sum + each, 0) / lately.length : 0,
    most: Math.max(0, ...series),
    total,
  };
}
