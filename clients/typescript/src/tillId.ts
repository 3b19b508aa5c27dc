/** What a till is called: by its merchant and its key, so that nobody needs to hand out numbers. */

import { type Bytes, concat, toHex } from "./bytes.js";
import type { Domain } from "./domain.js";
import { u16 } from "./encoding.js";

const TILL_ID_BYTES = 16;

/** The id of a merchant's till, in hexadecimal: another merchant's till with the same key is another till. */
export function tillIdOf(merchantWalletId: Bytes, publicKey: Bytes, domain: Domain): string {
  const named = [merchantWalletId, publicKey].map((part) => concat(u16(part.length), part));
  return toHex(domain.hash("tongbao/till/1", concat(...named)).slice(0, TILL_ID_BYTES));
}
