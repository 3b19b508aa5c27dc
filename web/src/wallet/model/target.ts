/** What somebody scanned, pasted or typed: whom it leads to. It carries no money, and nothing in it is believed. */

import { type Genesis, type Link, TongbaoError, parsePaymentCode, readCode } from "@tongbao/client";

export type Target = Link | { readonly kind: "phone"; readonly phone: string };

/** What a text that leads to nobody is refused with. */
export interface Misread {
  readonly kind: "misread";
  readonly code: string;
}

/** With its country, or eleven digits that begin as mobile numbers in China do. */
const PHONE = /^(?:\+[1-9][0-9]{6,14}|1[3-9][0-9]{9})$/;

/** A telephone number in the form of E.164; null for anything else. */
export function phoneIn(text: string): string | null {
  const digits = text.normalize("NFKC").replace(/[\s().-]/g, "");
  if (!PHONE.test(digits)) return null;
  return digits.startsWith("+") ? digits : `+86${digits}`;
}

/** The code that a payer shows, in what was scanned or typed; null for anything else. */
export function payerCodeIn(text: string): string | null {
  try {
    return parsePaymentCode(text.trim()).text;
  } catch (error) {
    if (error instanceof TongbaoError) return null;
    throw error;
  }
}

/** Whom the text leads to on this network. */
export function targetOf(text: string, genesis: Pick<Genesis, "domain" | "testNetwork">): Target | Misread {
  const phone = phoneIn(text);
  if (phone !== null) return { kind: "phone", phone };
  try {
    const found = readCode(linkWithin(text.trim()), genesis);
    // The code that a payer shows is for shops.
    return found.kind === "payer" ? { kind: "misread", code: "CODE_INVALID" } : found;
  } catch (error) {
    if (error instanceof TongbaoError) return { kind: "misread", code: error.code };
    throw error;
  }
}

/** The link that a page's address carries, as in "https://.../wallet/#pay=tongbao%3A..."; or else the text itself. */
function linkWithin(text: string): string {
  const carried = /^https?:[^#]*#pay=([^&]+)$/i.exec(text)?.[1];
  if (carried === undefined) return text;
  try {
    return decodeURIComponent(carried);
  } catch {
    return text;
  }
}
