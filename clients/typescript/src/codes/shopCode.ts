/** A shop's code: the QR code that a merchant shows, as EMVCo writes it, with what this currency adds. */

import { DecodingError, TongbaoError } from "../errors.js";
import { type Objects, codeText, malformed, objectText, parseCode, parseObjects } from "./emvco.js";
import type { OrderLink, ShopLink } from "./link.js";

/** UUID of version 5 for urn:tongbao:shop-code. */
const SCHEME_ID = "5689623bcfb856b3a5f11421689b4763";
const OWN_TEMPLATE = objectText("00", SCHEME_ID);
const NAME_CHARACTERS_MAX = 25;
const CITY_CHARACTERS_MAX = 15;
const LABEL_CHARACTERS_MAX = 25;
const TEMPLATE_TAGS = Array.from({ length: 26 }, (_, place) => String(26 + place));
const ID = /^[0-9a-f]{32}$/;

/** What a code tells people, and wallets of other schemes. */
export interface ShopDescription {
  readonly name: string;
  /** Of ISO 18245, four digits. */
  readonly category: string;
  /** The currency's name, as genesis fixes it. */
  readonly assetCode: string;
  readonly city?: string;
  /** The order's number, for the receipt. */
  readonly label?: string;
}

/**
 * The text of the QR code: dynamic for an order, static for a shop. `amountFen` is what the code of an order shows; a
 * static one has it from its link.
 */
export function shopCode(target: OrderLink | ShopLink, shop: ShopDescription, amountFen: number | null = null): string {
  const isOrder = target.kind === "order";
  const shownFen = isOrder ? amountFen : target.amountFen;
  const { name, label = "", city = "-" } = shop;
  const isAscii = /^[\x00-\x7f]*$/.test(name);
  const objects: [string, string][] = [
    ["01", isOrder ? "12" : "11"],
    ["26", ownTemplate(target)],
    ["52", shop.category],
    ["53", shop.assetCode === "CNY" ? "156" : "999"],
  ];
  if (shownFen !== null) objects.push(["54", `${Math.floor(shownFen / 100)}.${String(shownFen % 100).padStart(2, "0")}`]);
  objects.push(["58", "CN"], ["59", isAscii ? cut(name, NAME_CHARACTERS_MAX) : "SHOP"], ["60", cut(city, CITY_CHARACTERS_MAX)]);
  if (label !== "" && Array.from(label).length <= LABEL_CHARACTERS_MAX) objects.push(["62", objectText("05", label)]);
  if (!isAscii) objects.push(["64", objectText("00", "ZH") + objectText("01", cut(name, NAME_CHARACTERS_MAX))]);
  return codeText(objects);
}

function ownTemplate(target: OrderLink | ShopLink): string {
  const id = target.kind === "order" ? target.orderId : target.merchantWalletId;
  if (!ID.test(id)) throw new TongbaoError("the id does not fit into a QR code", "QR_TOO_LONG", "order", "use its link");
  const where = objectText("01", target.network) + objectText("02", String(target.home));
  return OWN_TEMPLATE + where + objectText(target.kind === "order" ? "04" : "03", id);
}

function cut(text: string, charactersMax: number): string {
  return Array.from(text).slice(0, charactersMax).join("");
}

/** What a scanned code asks to be paid; throws QR_CHECKSUM, QR_MALFORMED, or QR_FOREIGN for another scheme's code. */
export function parseShopCode(text: string): OrderLink | ShopLink {
  const objects = parseCode(text);
  const own = ownObjects(objects);
  const at = (tag: string): string => own.get(tag) ?? "";
  const [network, home, merchant, order] = [at("01"), at("02"), at("03"), at("04")];
  if (!/^[0-9a-f]{8}$/.test(network) || !/^(?:0|[1-9][0-9]{0,9})$/.test(home) || Number(home) >= 2 ** 32) {
    throw malformed("it does not say where the shop is served");
  }
  if (!ID.test(order || merchant) || (order && merchant)) throw malformed("it names neither one shop nor one order");
  if (order) return { kind: "order", home: Number(home), orderId: order, network };
  const amountFen = amountOf(objects.get("54"));
  return { kind: "shop", home: Number(home), merchantWalletId: merchant, network, amountFen };
}

/** Another scheme's template need not hold objects, and is none of ours to judge. */
function ownObjects(objects: Objects): Objects {
  for (const tag of TEMPLATE_TAGS) {
    const value = objects.get(tag);
    if (value?.startsWith(OWN_TEMPLATE)) return parseObjects(value);
  }
  const cure = "ask the shop for its Tongbao code";
  throw new DecodingError("the QR code is of another payment scheme", "payload", "QR_FOREIGN", cure);
}

function amountOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const parsed = /^([0-9]{1,10})(?:\.([0-9]{0,2}))?$/.exec(text);
  if (parsed === null) throw malformed("its amount is none in yuan and fen");
  const fen = Number(parsed[1]) * 100 + Number((parsed[2] ?? "").padEnd(2, "0"));
  if (fen < 1) throw malformed("its amount is nothing");
  return fen;
}
