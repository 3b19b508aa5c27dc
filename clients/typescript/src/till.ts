/**
 * A till: it asks for money in a merchant's name with a key of its own, which moves none.
 *
 * The device that becomes the till makes the key and shows only its public half; the merchant admits that key
 * (`Shop.admit`). No secret leaves a device, and who steals a till can do nothing but ask for money in the shop's name.
 */

import type { components } from "./api/institution.js";
import { type Bytes, fromHex } from "./bytes.js";
import type { Domain } from "./domain.js";
import { OrderDesk } from "./orderDesk.js";
import type { Signer } from "./signature.js";
import { PATIENCE, type Patience, SignedClient } from "./signedClient.js";
import { tillIdOf } from "./tillId.js";

export type TillRecord = components["schemas"]["Till"];

/** An Ed25519 key that signs; where it lies is its own affair. */
export interface TillKey {
  readonly publicKey: Bytes;
  sign: Signer["sign"];
}

/** Where a till stands. */
export interface TillPlace {
  readonly homeUrl: string;
  /** Whose orders it makes, 32 hexadecimal digits. */
  readonly merchantWalletId: string;
  readonly domain: Domain;
  readonly patience?: Patience;
}

export class Till extends OrderDesk {
  readonly tillId: string;

  constructor(key: TillKey, place: TillPlace) {
    const tillId = tillIdOf(fromHex(place.merchantWalletId), key.publicKey, place.domain);
    const signer = { keyId: `till:${tillId}`, sign: (message: Bytes) => key.sign(message) };
    super(new SignedClient(place.homeUrl, signer, place.patience ?? PATIENCE), {
      merchantWalletId: place.merchantWalletId,
      tillId,
    });
    this.tillId = tillId;
  }

  /** The till as its home keeps it; who is not admitted yet, or not known there, is refused. */
  record = (): Promise<TillRecord> => this.home.get<TillRecord>(`/v1/tills/${this.tillId}`);
}
