/** Whatever a camera, a link or a hand brings: what it leads to, or why it leads nowhere. It carries no money. */

import { Address } from "../address.js";
import { DecodingError, TongbaoError } from "../errors.js";
import type { Genesis } from "../genesis.js";
import { CODE_BEGINS } from "./emvco.js";
import { type Link, SCHEME, networkMark, parseLink } from "./link.js";
import { type PaymentCode, parsePaymentCode } from "./paymentCode.js";
import { parseShopCode } from "./shopCode.js";

/** More than a QR code holds: nothing longer is looked at. */
const CHARACTERS_MAX = 8_192;

export type Code = Link | PaymentCode;

/**
 * What a shop's code, a link, an address or a payer's code leads to on this network.
 *
 * Throws QR_CHECKSUM, QR_MALFORMED, QR_FOREIGN, LINK_INVALID, ADDRESS_INVALID, CODE_INVALID or WRONG_NETWORK, and no
 * other error, whatever the text is.
 */
export function readCode(text: string, genesis: Pick<Genesis, "domain" | "testNetwork">): Code {
  if (text.length > CHARACTERS_MAX) throw new DecodingError("this is too long for a code", "code", "LINK_INVALID");
  const trimmed = text.trim();
  if (/^71[0-9 -]{30,60}$/.test(trimmed)) return parsePaymentCode(trimmed);
  const found = linkIn(trimmed, genesis);
  if (found.network !== networkMark(genesis.domain.networkId)) throw otherNetwork("link");
  if (found.kind === "person" && Address.parse(found.address).testNetwork !== genesis.testNetwork) {
    throw otherNetwork("address");
  }
  return found;
}

function linkIn(trimmed: string, { domain }: Pick<Genesis, "domain">): Link {
  if (trimmed.startsWith(CODE_BEGINS)) return parseShopCode(trimmed);
  if (trimmed.startsWith(SCHEME)) return parseLink(trimmed);
  const address = Address.parse(trimmed).toString();
  return { kind: "person", address, network: networkMark(domain.networkId), amountFen: null, purpose: "" };
}

function otherNetwork(field: string): TongbaoError {
  return new TongbaoError("it is of another network", "WRONG_NETWORK", field, "pay it with a wallet of that network");
}
