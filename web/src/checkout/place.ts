/** What a checkout's address asks for, and where the payer may be sent on to. */

/** An order to be paid, or a shop's button, whose order the payer's wallet has made. */
export type CheckoutPlace =
  | { readonly kind: "order"; readonly home: number; readonly orderId: string }
  | { readonly kind: "button"; readonly home: number; readonly walletId: string; readonly amountFen: number | null };

const HOME = /^[1-9][0-9]{0,9}$/;
const IDENTITY = /^[0-9a-f]{32}$/;
const AMOUNT = /^[1-9][0-9]{0,15}$/;

/** What `/checkout/?home=2&order=ID` or `/checkout/?home=2&shop=ID&amount=305` leads to; null for anything else. */
export function placeOf(search: string): CheckoutPlace | null {
  const query = new URLSearchParams(search);
  const home = query.get("home") ?? "";
  if (!HOME.test(home)) return null;
  const orderId = query.get("order");
  if (orderId !== null) return IDENTITY.test(orderId) ? { kind: "order", home: Number(home), orderId } : null;
  const walletId = query.get("shop") ?? "";
  const amount = query.get("amount");
  if (!IDENTITY.test(walletId) || (amount !== null && !AMOUNT.test(amount))) return null;
  const amountFen = amount === null ? null : Number(amount);
  // As wallets read a link: a number that is no longer exact would ask for another amount than the shop's.
  if (amountFen !== null && !Number.isSafeInteger(amountFen)) return null;
  return { kind: "button", home: Number(home), walletId, amountFen };
}

/** The address of an order's checkout page. */
export function checkoutUrl(home: number, orderId: string): string {
  return `${location.origin}/checkout/?home=${home}&order=${orderId}`;
}

/** The address of a button that sells one thing at one price, or, without amount, at whatever the payer names. */
export function buttonUrl(home: number, walletId: string, amountFen: number | null): string {
  return `${location.origin}/checkout/?home=${home}&shop=${walletId}${amountFen === null ? "" : `&amount=${amountFen}`}`;
}

/** Where the wallet of this browser asks its holder to pay what the link names. */
export function walletUrl(link: string): string {
  return `/wallet/#pay=${encodeURIComponent(link)}`;
}

/** A shop's address that is safe to follow, and the site that it leads to; null where it is none. */
export function placeToReturn(url: string | null): { readonly href: string; readonly site: string } | null {
  if (url === null) return null;
  try {
    const { href, protocol, host } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? { href, site: host } : null;
  } catch {
    return null;
  }
}
