/** Whom a holder pays: whose name stands behind an address. */

import type { components } from "./api/institution.js";
import { Address } from "./address.js";
import { PeerError, TongbaoError } from "./errors.js";
import type { SignedClient } from "./signedClient.js";

/** The name is masked unless it is a company's; `matches` is null where no name was given to compare. */
export type PayeeName = components["schemas"]["PayeeName"];

/** Whom the holder has in mind, and how he is asked once the name is known. */
export interface Naming {
  /** Nothing is paid to anybody else. */
  readonly payeeName?: string;
  /** Shows the name, and answers whether to pay; without it a name that matches, or none that differs, is enough. */
  readonly agree?: (payee: PayeeName) => boolean | Promise<boolean>;
}

/** What the home says of an address. */
export async function payeeAt(home: SignedClient, address: string, name: string): Promise<PayeeName> {
  const written = Address.parse(address).toString();
  const answer = await home.post<PayeeName>("/v1/payees", { address: written, name }, crypto.randomUUID());
  if (answer.address !== written) throw new PeerError("the home tells the name of another wallet than was asked for");
  return answer;
}

/** Return if it is who is meant, and the holder agrees. */
export async function demandNamed(payee: PayeeName, naming: Naming): Promise<void> {
  if (payee.matches === false) {
    throw new TongbaoError(
      `the payee is ${payee.name}, not ${naming.payeeName}`,
      "NAME_DIFFERS",
      "payee_name",
      "ask the payee for the name and the address again; nothing was paid",
    );
  }
  if (naming.agree && !(await naming.agree(payee))) {
    throw new TongbaoError("the holder does not want to pay", "NOT_AGREED", "payee_name", "nothing was paid");
  }
}
