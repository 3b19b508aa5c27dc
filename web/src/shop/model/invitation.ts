/**
 * How a device becomes a till: the owner's shows an invitation, which is a link; the cashier's opens it, makes its own
 * key and shows the public half; the owner's reads that. Neither holds a secret.
 */

/** Whose till a device is asked to become. */
export interface Invitation {
  readonly home: number;
  readonly merchantWalletId: string;
}

const INVITED = /^#till=([1-9][0-9]{0,9})\.([0-9a-f]{32})$/;
const APPLICATION = /^tongbao:till\?key=([0-9a-f]{64})&network=([0-9a-f]{8})$/;
const BARE_KEY = /^[0-9a-f]{64}$/;
const NETWORK_DIGITS = 8;
const CHECK_DIGITS = 8;

/** The link that invites a device. */
export function invitationUrl({ home, merchantWalletId }: Invitation): string {
  return `${location.origin}/shop/#till=${home}.${merchantWalletId}`;
}

/** The invitation in an address; null where there is none. */
export function invitationIn(hash: string): Invitation | null {
  const found = INVITED.exec(hash);
  return found === null ? null : { home: Number(found[1]), merchantWalletId: found[2] ?? "" };
}

/** What the device shows that applies: its public key and its network. */
export function applicationOf(publicKey: string, networkId: string): string {
  return `tongbao:till?key=${publicKey}&network=${networkId.slice(0, NETWORK_DIGITS)}`;
}

/** Why what was scanned or pasted is no application to this network. */
export type ApplicationFault = "unreadable" | "foreign";

/** The public key that a device applies with, in hexadecimal; spaces around or within do no harm. */
export function readApplication(
  text: string,
  networkId: string,
): { readonly publicKey: string } | { readonly fault: ApplicationFault } {
  const plain = text.replace(/\s+/g, "").toLowerCase();
  if (BARE_KEY.test(plain)) return { publicKey: plain };
  const found = APPLICATION.exec(plain);
  if (found === null) return { fault: "unreadable" };
  return networkId.startsWith(found[2] ?? "") ? { publicKey: found[1] ?? "" } : { fault: "foreign" };
}

/** Digits that both devices show, so that the owner sees which of two it is: "3163 4573". */
export function checkDigits(tillId: string): string {
  const digits = tillId.slice(0, CHECK_DIGITS);
  return `${digits.slice(0, CHECK_DIGITS / 2)} ${digits.slice(CHECK_DIGITS / 2)}`;
}
