/** Money as people write it, from whole fen and back, exactly. */

/** The most that one field takes: what every number of the protocol can say. */
export const FEN_MAX = Number.MAX_SAFE_INTEGER;

const FEN_PER_YUAN = 100;

/** Yuan, perhaps with thousands apart, and at most two digits of fen; full-width forms as Chinese keyboards send them. */
const WRITTEN = /^(?<yuan>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.(?<fen>[0-9]*))?$/;
const FULL_WIDTH = /[０-９．，￥。]/g;
const NARROW: Record<string, string> = { "．": ".", "。": ".", "，": ",", "￥": "¥" };

/** Why a text is no amount to pay. */
export type AmountFault = "empty" | "unreadable" | "tooFine" | "zero" | "tooMuch";

export type ReadAmount = { readonly fen: number } | { readonly fault: AmountFault };

/** The amount that a text says, in fen; never a rounded one. */
export function readYuan(text: string, fenMax: number = FEN_MAX): ReadAmount {
  const plain = text.replace(FULL_WIDTH, narrowed).replace(/[\s\u00a0\u202f]/g, "").replace(/^¥/, "");
  if (plain === "") return { fault: "empty" };
  const found = WRITTEN.exec(plain)?.groups;
  const [yuan = "", fraction = ""] = [found?.["yuan"]?.replaceAll(",", ""), found?.["fen"]];
  if (found === undefined || (yuan === "" && fraction === "")) return { fault: "unreadable" };
  if (/[^0]/.test(fraction.slice(2))) return { fault: "tooFine" };
  const fen = BigInt(yuan || "0") * BigInt(FEN_PER_YUAN) + BigInt(fraction.slice(0, 2).padEnd(2, "0"));
  if (fen > BigInt(fenMax)) return { fault: "tooMuch" };
  return fen === 0n ? { fault: "zero" } : { fen: Number(fen) };
}

function narrowed(letter: string): string {
  return NARROW[letter] ?? String.fromCharCode(letter.charCodeAt(0) - 0xfee0);
}

/** What a field shows of an amount: digits and a point, nothing to misread. */
export function plainYuan(fen: number): string {
  const { yuan, cents } = parted(fen);
  return `${yuan}.${cents}`;
}

/** An amount as people read it, as "¥1,234.50"; `tag` is the language by its name to browsers. */
export function formatYuan(fen: number | bigint, tag: string): string {
  const { minus, yuan, cents } = parted(fen);
  return `${minus}¥${new Intl.NumberFormat(tag).format(yuan)}.${cents}`;
}

/** An amount in parts, so that a page may show the fen smaller. */
export function parted(fen: number | bigint): { minus: string; yuan: bigint; cents: string } {
  const whole = BigInt(fen);
  const size = whole < 0n ? -whole : whole;
  const cents = (size % BigInt(FEN_PER_YUAN)).toString().padStart(2, "0");
  return { minus: whole < 0n ? "−" : "", yuan: size / BigInt(FEN_PER_YUAN), cents };
}
