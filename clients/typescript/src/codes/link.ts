/**
 * Links: what a QR code or a page carries so that a wallet finds what it is asked to pay.
 *
 *     tongbao:order?home=1&id=3f0c&network=9a1be0f2                  an order of a merchant
 *     tongbao:shop?home=1&id=6f2c...&network=9a1be0f2&amount=1200    a merchant; without amount the payer names it
 *     tongbao:pay?to=tb1q...&network=9a1be0f2&amount=8800&for=lunch  a person
 *
 * A link to an order or a shop says nothing that a wallet would have to believe; one to a person says what its maker
 * wrote, and the payer is shown just that. The parts stand in this order, and no others are there.
 */

import { Address } from "../address.js";
import { type Bytes, fromUtf8, toHex } from "../bytes.js";
import { DecodingError } from "../errors.js";

export const SCHEME = "tongbao:";
/** A word or two, as on the back of an envelope. */
export const PURPOSE_CHARACTERS_MAX = 64;
const HOME_MAX = 2 ** 32 - 1;

const HOME = "home=(0|[1-9][0-9]{0,9})";
const NETWORK = "network=([0-9a-f]{8})";
const AMOUNT = "(?:&amount=([1-9][0-9]{0,18}))?";
const ORDER = new RegExp(`^tongbao:order\\?${HOME}&id=([0-9A-Za-z._-]{1,64})&${NETWORK}$`);
const SHOP = new RegExp(`^tongbao:shop\\?${HOME}&id=([0-9a-f]{32})&${NETWORK}${AMOUNT}$`);
const PERSON = new RegExp(`^tongbao:pay\\?to=([0-9A-Za-z]{1,90})&${NETWORK}${AMOUNT}(?:&for=([0-9A-Za-z%._~-]{1,768}))?$`);

/** Where an order lies. */
export interface OrderLink {
  readonly kind: "order";
  readonly home: number;
  readonly orderId: string;
  /** The first four bytes of the network id in hexadecimal, so that a wallet of another network says so at once. */
  readonly network: string;
}

/** A merchant that makes an order for whoever comes. */
export interface ShopLink {
  readonly kind: "shop";
  readonly home: number;
  /** 32 hexadecimal digits. */
  readonly merchantWalletId: string;
  readonly network: string;
  /** What everybody pays; null where the payer names it. */
  readonly amountFen: number | null;
}

/** A person, and what the link's maker hopes for. */
export interface PersonLink {
  readonly kind: "person";
  readonly address: string;
  readonly network: string;
  readonly amountFen: number | null;
  /** At most 64 printable characters. */
  readonly purpose: string;
}

export type Link = OrderLink | ShopLink | PersonLink;

/** What a link says of its network. */
export function networkMark(networkId: Bytes): string {
  return toHex(networkId.slice(0, 4));
}

/** The one text of the link. */
export function linkText(link: Link): string {
  const amount = link.kind === "order" || link.amountFen === null ? "" : `&amount=${link.amountFen}`;
  switch (link.kind) {
    case "order":
      return `tongbao:order?home=${link.home}&id=${link.orderId}&network=${link.network}`;
    case "shop":
      return `tongbao:shop?home=${link.home}&id=${link.merchantWalletId}&network=${link.network}${amount}`;
    case "person":
      return `tongbao:pay?to=${link.address}&network=${link.network}${amount}${purposePart(link.purpose)}`;
  }
}

function purposePart(purpose: string): string {
  if (purpose === "") return "";
  if (!isPurpose(purpose)) throw notALink(PURPOSE_RULE);
  const kept = /[!'()*]/g;
  return `&for=${encodeURIComponent(purpose).replace(kept, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)}`;
}

/** The link that the text is, of whichever network; throws LINK_INVALID or ADDRESS_INVALID. */
export function parseLink(text: string): Link {
  const order = ORDER.exec(text);
  if (order) return { kind: "order", home: homeOf(order[1]), orderId: order[2] ?? "", network: order[3] ?? "" };
  const shop = SHOP.exec(text);
  if (shop) {
    const [, home, merchantWalletId = "", network = "", amount] = shop;
    return { kind: "shop", home: homeOf(home), merchantWalletId, network, amountFen: amountOf(amount) };
  }
  const person = PERSON.exec(text);
  if (!person) throw notALink("it is of no kind that wallets know");
  const [, to = "", network = "", amount, quoted = ""] = person;
  const address = Address.parse(to).toString();
  return { kind: "person", address, network, amountFen: amountOf(amount), purpose: purposeOf(quoted) };
}

/** A number of a home; throws where none can have it. */
export function homeOf(digits: string | undefined): number {
  const home = Number(digits);
  if (home > HOME_MAX) throw notALink("it names a home that cannot be");
  return home;
}

function amountOf(digits: string | undefined): number | null {
  if (digits === undefined) return null;
  const fen = Number(digits);
  if (!Number.isSafeInteger(fen)) throw notALink("its amount is more than this wallet can pay");
  return fen;
}

function purposeOf(quoted: string): string {
  let purpose: string;
  try {
    purpose = quoted.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
      const bytes = Uint8Array.from(run.slice(1).split("%"), (digits) => parseInt(digits, 16));
      return fromUtf8(bytes);
    });
  } catch {
    throw notALink("what it is for cannot be read");
  }
  if (!isPurpose(purpose)) throw notALink(PURPOSE_RULE);
  return purpose;
}

const PURPOSE_RULE = `what it is for must be at most ${PURPOSE_CHARACTERS_MAX} printable characters`;

/** No controls, among them those that turn the direction of writing, and no space but the ordinary one. */
function isPurpose(purpose: string): boolean {
  return Array.from(purpose).length <= PURPOSE_CHARACTERS_MAX && /^(?: |[^\p{C}\p{Z}])*$/u.test(purpose);
}

function notALink(reason: string): DecodingError {
  const cure = "copy the whole link; it begins with tongbao:order?, tongbao:shop? or tongbao:pay?";
  return new DecodingError(`this is no link to a payment: ${reason}`, "link", "LINK_INVALID", cure);
}
