/** A wallet's keys on this device: derived once from its phrase, then only used. Neither phrase nor seed is kept. */

import { type Bytes, concat, fromHex, toHex } from "../bytes.js";
import { Domain, type HashKind } from "../domain.js";
import { TongbaoError } from "../errors.js";
import { KEYS_MISSING, type Keyring, type LockSource, type PocketKey, inSlices } from "../keyring.js";
import type { Derived, WalletKeys } from "../keys.js";
import { KeyLock } from "../lock.js";
import { openSealedBy } from "../sealing.js";
import { PublicKey } from "../suites.js";
import type { Witness } from "../transaction.js";
import type { Access, Database } from "./database.js";
import { openingKeyOf, sharedBy, signWith, signingKeyOf } from "./deviceKeys.js";

const ID_BYTES = 32;

/** A keyring as the database has it. */
export interface KeptKeyring {
  readonly walletId: string;
  readonly networkId: string;
  readonly hashKind: HashKind;
  readonly home: number;
  readonly mainKey: Bytes;
  readonly signer: CryptoKey;
  readonly opener: CryptoKey;
  readonly locksEnd: number;
}

interface KeptKey {
  readonly walletId: string;
  readonly key: Bytes;
  readonly salt: Bytes;
  readonly signer: CryptoKey;
}

interface KeptLock extends KeptKey {
  readonly index: number;
}

interface KeptPocketKey extends KeptKey {
  readonly number: number;
  /** Of the pocket that it is for; null while it is for none. */
  readonly requestId: string | null;
}

interface KeptLockIds {
  readonly walletId: string;
  readonly first: number;
  readonly ids: Bytes;
}

/** Which keys a device is to have. */
export interface Wanted {
  readonly home: number;
  readonly locks: readonly number[];
  readonly pockets: readonly number[];
  /** Keys for pockets that will be made here, by numbers that no other device takes. */
  readonly freshPockets: number;
}

export class DeviceKeyring implements Keyring {
  readonly domain: Domain;
  readonly mainKey: PublicKey;
  readonly walletId: Bytes;
  readonly #lockIds = new Map<number, Bytes>();

  private constructor(
    private readonly database: Database,
    private kept: KeptKeyring,
  ) {
    this.domain = new Domain(fromHex(kept.networkId), kept.hashKind);
    this.mainKey = PublicKey.ed25519(kept.mainKey);
    this.walletId = fromHex(kept.walletId);
  }

  /** The keyring of a wallet on this device; null where there is none. */
  static async open(database: Database, walletId: string): Promise<DeviceKeyring | null> {
    const kept = await database.read(["wallets"], (access) => access.get<KeptKeyring>("wallets", walletId));
    if (kept === undefined) return null;
    const keyring = new DeviceKeyring(database, kept);
    await keyring.#read();
    return keyring;
  }

  /** Take the wanted keys from those in memory, beside what the device has; all of them, or none. */
  static async bring(database: Database, keys: WalletKeys, wanted: Wanted): Promise<void> {
    const walletId = toHex(keys.walletId);
    const locks = await keptLocks(walletId, keys, wanted.locks);
    const pockets = await keptPockets(walletId, keys, wanted);
    const [signer, opener] = [await signingKeyOf(keys.mainSecret()), await openingKeyOf(keys.mainSecret())];
    const { domain, mainKey } = keys;
    const named = { walletId, networkId: toHex(domain.networkId), hashKind: domain.hashKind, home: wanted.home };
    await database.write(["wallets", "locks", "lockIds", "pockets"], async (access) => {
      const known = await access.get<KeptKeyring>("wallets", walletId);
      const locksEnd = Math.max(known?.locksEnd ?? 0, ...wanted.locks.map((index) => index + 1).slice(-1));
      for (const each of locks) access.put("locks", each);
      for (const each of idsOf(walletId, locks, domain)) access.put("lockIds", each);
      await putPockets(access, walletId, pockets);
      access.put("wallets", { ...named, mainKey: mainKey.key, signer, opener, locksEnd } satisfies KeptKeyring);
    });
  }

  get locksEnd(): number {
    return this.kept.locksEnd;
  }

  /** Learn of keys that were brought since. */
  async refresh(): Promise<void> {
    const walletId = this.kept.walletId;
    const kept = await this.database.read(["wallets"], (access) => access.get<KeptKeyring>("wallets", walletId));
    if (kept !== undefined) this.kept = kept;
    await this.#read();
  }

  /** Which of these locks have no key here. */
  lacking = (indexes: readonly number[]): number[] => indexes.filter((index) => !this.#lockIds.has(index));

  sign = (message: Bytes): Promise<Bytes> => signWith(this.kept.signer, message);

  async lockIds(first: number, count: number): Promise<(Bytes | null)[]> {
    // Another tab may have brought more.
    if (first + count > this.locksEnd) await this.refresh();
    const length = Math.max(Math.min(count, this.locksEnd - first), 0);
    return Array.from({ length }, (_, place) => this.#lockIds.get(first + place) ?? null);
  }

  async witnesses(sources: readonly LockSource[], digest: Bytes): Promise<Witness[]> {
    const found = await this.database.read(["locks"], (access) =>
      Promise.all(sources.map((source) => ("salt" in source ? null : this.#lock(access, source.index)))),
    );
    return Promise.all(
      sources.map(async (source, place) => {
        const own = found[place];
        if (own) return witnessOf(own, await signWith(own.signer, digest));
        const salt = "salt" in source ? source.salt : new Uint8Array();
        return { lock: new KeyLock(this.mainKey, salt), path: 0, signature: await this.sign(digest) };
      }),
    );
  }

  pocketNumber(requestId: string): Promise<number> {
    return this.database.write(["pockets"], async (access) => {
      const known = await access.all<KeptPocketKey>("pockets", this.kept.walletId);
      const own = known.find((each) => each.requestId === requestId) ?? known.find((each) => each.requestId === null);
      if (own === undefined) throw missing("no key for another pocket is on this device");
      access.put("pockets", { ...own, requestId });
      return own.number;
    });
  }

  async pocketKey(number: number): Promise<PocketKey> {
    const place = [this.kept.walletId, number];
    const found = await this.database.read(["pockets"], (access) => access.get<KeptPocketKey>("pockets", place));
    if (found === undefined) throw missing(`the key of pocket ${number} is not on this device`);
    const { key, salt, signer } = found;
    return { key: PublicKey.ed25519(key), salt, sign: (digest) => signWith(signer, digest) };
  }

  openSealed = (sealed: Bytes, context: Bytes): Promise<Bytes> =>
    openSealedBy((theirs) => sharedBy(this.kept.opener, theirs), this.mainKey.key, sealed, context);

  async #lock(access: Access, index: number): Promise<KeptLock> {
    const found = await access.get<KeptLock>("locks", [this.kept.walletId, index]);
    if (found === undefined) throw missing(`the key of lock ${index} is not on this device`);
    return found;
  }

  async #read(): Promise<void> {
    const blocks = await this.database.read(["lockIds"], (access) =>
      access.all<KeptLockIds>("lockIds", this.kept.walletId),
    );
    for (const { first, ids } of blocks) {
      for (let place = 0; place * ID_BYTES < ids.length; place++) {
        this.#lockIds.set(first + place, ids.slice(place * ID_BYTES, (place + 1) * ID_BYTES));
      }
    }
  }
}

async function keptOf(walletId: string, { secret, key, salt }: Derived): Promise<KeptKey> {
  return { walletId, key: key.key, salt, signer: await signingKeyOf(secret) };
}

async function keptLocks(walletId: string, keys: WalletKeys, indexes: readonly number[]): Promise<KeptLock[]> {
  const made: KeptLock[] = [];
  await inSlices(indexes.length, async (place) => {
    const index = indexes[place] ?? 0;
    made.push({ ...(await keptOf(walletId, keys.lockSecret(index))), index });
  });
  return made;
}

async function keptPockets(walletId: string, keys: WalletKeys, wanted: Wanted): Promise<KeptPocketKey[]> {
  // Random, since another device with this phrase must not take the same key for another pocket.
  const fresh = Array.from(crypto.getRandomValues(new Uint32Array(wanted.freshPockets)), (number) => number >>> 1);
  const made: KeptPocketKey[] = [];
  for (const number of [...wanted.pockets, ...fresh]) {
    const requestId = wanted.pockets.includes(number) ? `made before ${number}` : null;
    made.push({ ...(await keptOf(walletId, keys.pocketSecret(number))), number, requestId });
  }
  return made;
}

/** A key that is there already stays for the pocket that it is for. */
async function putPockets(access: Access, walletId: string, pockets: readonly KeptPocketKey[]): Promise<void> {
  const known = new Set((await access.all<KeptPocketKey>("pockets", walletId)).map((each) => each.number));
  for (const each of pockets) if (!known.has(each.number)) access.put("pockets", each);
}

/** The ids of the locks, those that follow one another in one block. */
function idsOf(walletId: string, locks: readonly KeptLock[], domain: Domain): KeptLockIds[] {
  const blocks: { walletId: string; first: number; ids: Bytes[] }[] = [];
  for (const each of locks) {
    const id = new KeyLock(PublicKey.ed25519(each.key), each.salt).id(domain);
    const last = blocks.at(-1);
    if (last !== undefined && last.first + last.ids.length === each.index) last.ids.push(id);
    else blocks.push({ walletId, first: each.index, ids: [id] });
  }
  return blocks.map((block) => ({ ...block, ids: concat(...block.ids) }));
}

function witnessOf({ key, salt }: KeptLock, signature: Bytes): Witness {
  return { lock: new KeyLock(PublicKey.ed25519(key), salt), path: 0, signature };
}

function missing(reason: string): TongbaoError {
  return new TongbaoError(reason, KEYS_MISSING, "", "type the recovery phrase once more: it brings the keys that are missing");
}
