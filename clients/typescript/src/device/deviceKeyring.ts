/** A wallet's keys on this device: derived once from its phrase, then only used. Neither phrase nor seed is kept. */

import { type Bytes, fromHex, toHex } from "../bytes.js";
import { Domain } from "../domain.js";
import { TongbaoError } from "../errors.js";
import { type Guard, KEYS_MISSING, type Keyring, type LockSource, type PocketKey } from "../keyring.js";
import { KeyLock, Path } from "../lock.js";
import { type PasskeySigner, assertionFor } from "../passkey/passkeyKey.js";
import type { TimedFound } from "../passkey/recoveringKeys.js";
import { type TimedTerms, timedLock } from "../passkey/timedLocks.js";
import { openSealedBy } from "../sealing.js";
import { PublicKey } from "../suites.js";
import type { Witness } from "../transaction.js";
import type { Access, Database } from "./database.js";
import { sharedBy, signWith } from "./deviceKeys.js";
import { ID_BYTES, type KeptKeyring, type KeptLock, type KeptLockIds, type KeptPocketKey } from "./keptKeys.js";
import { PasskeyGuard } from "./passkeyGuard.js";

export class DeviceKeyring implements Keyring {
  readonly domain: Domain;
  readonly mainKey: PublicKey;
  readonly walletId: Bytes;
  readonly guard: Guard | null;
  readonly #guard: PasskeyGuard | null;
  /** Of locks that keys on the device open; of a passkey's, what their ids follow from. */
  readonly #lockIds = new Map<number, Bytes>();
  readonly #material = new Map<number, KeptLock>();
  #found: ReadonlyMap<number, TimedFound> = new Map();

  private constructor(
    private readonly database: Database,
    private kept: KeptKeyring,
    private readonly askPasskey: PasskeySigner,
  ) {
    this.domain = new Domain(fromHex(kept.networkId), kept.hashKind);
    this.mainKey = PublicKey.ed25519(kept.mainKey);
    this.walletId = fromHex(kept.walletId);
    this.#guard = kept.passkey === null ? null : new PasskeyGuard(database, kept.walletId, kept.passkey);
    this.guard = this.#guard;
  }

  /** The keyring of a wallet on this device; null where there is none. */
  static async open(
    database: Database,
    walletId: string,
    askPasskey: PasskeySigner = noPasskey,
  ): Promise<DeviceKeyring | null> {
    const kept = await database.read(["wallets"], (access) => access.get<KeptKeyring>("wallets", walletId));
    if (kept === undefined) return null;
    const keyring = new DeviceKeyring(database, kept, askPasskey);
    await keyring.#read();
    return keyring;
  }

  get locksEnd(): number {
    return this.kept.locksEnd;
  }

  async refresh(): Promise<void> {
    const { walletId, locksEnd } = this.kept;
    const kept = await this.database.read(["wallets"], (access) => access.get<KeptKeyring>("wallets", walletId));
    if (kept === undefined) return;
    this.kept = kept;
    if (kept.passkey !== null) this.#guard?.refresh(kept.passkey);
    if (kept.locksEnd !== locksEnd) await this.#read();
    this.#found = foundBy(kept);
  }

  /** Which of these locks have no key here. */
  lacking = (indexes: readonly number[]): number[] => indexes.filter((index) => !this.#lockIds.has(index));

  sign = (message: Bytes): Promise<Bytes> => signWith(this.kept.signer, message);

  async lockIds(first: number, count: number): Promise<(Bytes | null)[]> {
    // Another tab may have brought more.
    if (first + count > this.locksEnd) await this.refresh();
    const length = Math.max(Math.min(count, this.locksEnd - first), 0);
    return Array.from({ length }, (_, place) => this.#lockId(first + place));
  }

  #lockId(index: number): Bytes | null {
    const found = this.#found.get(index);
    if (found !== undefined) return fromHex(found.lockId);
    const terms = this.#guard?.termsAt(index) ?? null;
    const material = this.#material.get(index);
    if (terms === null || material === undefined) return this.#guard === null ? (this.#lockIds.get(index) ?? null) : null;
    return lockOf(material, terms).id(this.domain);
  }

  async witnesses(sources: readonly LockSource[], digest: Bytes): Promise<Witness[]> {
    const found = await this.database.read(["locks"], (access) =>
      Promise.all(sources.map((source) => ("salt" in source ? null : this.#lock(access, source.index)))),
    );
    // One gesture for the whole payment: what is signed is the transaction, the same for all of its inputs.
    let assertion: Promise<Bytes> | null = null;
    const asserted = (): Promise<Bytes> => (assertion ??= this.#assertion(digest));
    const made = sources.map(async (source, place): Promise<Witness> => {
      if ("salt" in source) {
        return { lock: new KeyLock(this.mainKey, source.salt), path: Path.A, signature: await this.sign(digest) };
      }
      const own = found[place];
      if (!own) throw missing(`the key of lock ${source.index} is not on this device`);
      const terms = this.#guard?.termsAt(source.index) ?? null;
      if (terms !== null) return { lock: lockOf(own, terms), path: Path.A, signature: await asserted() };
      return this.#signed(own, digest);
    });
    return Promise.all(made);
  }

  opensAtMs = (index: number): number => this.#found.get(index)?.laterFromMs ?? 0;

  async findTimed(lockIds: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const { former, walletId } = this.kept;
    if (former.length === 0 || lockIds.size === 0) return new Map();
    const locks = await this.database.read(["locks"], (access) => access.all<KeptLock>("locks", walletId));
    const found = locks.flatMap((each) => foundIn(each, former, lockIds, this.domain));
    if (found.length > 0) {
      await this.database.write(["wallets"], async (access) => {
        const kept = await access.get<KeptKeyring>("wallets", walletId);
        if (kept !== undefined) access.put("wallets", { ...kept, found: [...kept.found, ...found] });
      });
      await this.refresh();
    }
    return new Map(found.map((each) => [each.lockId, each.index]));
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
    const signer = found?.signer ?? null;
    if (found === undefined || signer === null) throw missing(`the key of pocket ${number} is not on this device`);
    return { key: PublicKey.ed25519(found.key), salt: found.salt, sign: (digest) => signWith(signer, digest) };
  }

  openSealed = (sealed: Bytes, context: Bytes): Promise<Bytes> =>
    openSealedBy((theirs) => sharedBy(this.kept.opener, theirs), this.mainKey.key, sealed, context);

  /** By the lock's own key: the only one of kind 1, the later one where a passkey of earlier days is the other. */
  async #signed(own: KeptLock, digest: Bytes): Promise<Witness> {
    if (own.signer === null) throw missing(`the key of lock ${own.index} is not on this device`);
    const signature = await signWith(own.signer, digest);
    const timed = this.#found.get(own.index);
    if (timed !== undefined) return { lock: lockOf(own, timed), path: Path.B, signature };
    return { lock: new KeyLock(PublicKey.ed25519(own.key), own.salt), path: Path.A, signature };
  }

  async #assertion(digest: Bytes): Promise<Bytes> {
    const { passkey } = this.kept;
    if (passkey === null) throw missing("this wallet has no passkey");
    return assertionFor(passkey, digest, await this.askPasskey(passkey, digest));
  }

  async #lock(access: Access, index: number): Promise<KeptLock | null> {
    return (await access.get<KeptLock>("locks", [this.kept.walletId, index])) ?? null;
  }

  async #read(): Promise<void> {
    const { walletId, passkey } = this.kept;
    this.#found = foundBy(this.kept);
    await this.database.read(["lockIds", "locks"], async (access) => {
      for (const { first, ids } of await access.all<KeptLockIds>("lockIds", walletId)) {
        for (let place = 0; place * ID_BYTES < ids.length; place++) {
          this.#lockIds.set(first + place, ids.slice(place * ID_BYTES, (place + 1) * ID_BYTES));
        }
      }
      if (passkey === null) return;
      for (const each of await access.all<KeptLock>("locks", walletId)) this.#material.set(each.index, each);
    });
  }
}

function lockOf({ key, salt }: KeptLock, terms: TimedTerms): ReturnType<typeof timedLock> {
  return timedLock(terms, PublicKey.ed25519(key), salt);
}

function foundBy({ found }: KeptKeyring): ReadonlyMap<number, TimedFound> {
  return new Map(found.map((each) => [each.index, each]));
}

/** The terms among these on which the lock has one of these ids. */
function foundIn(
  { index, key, salt }: Pick<KeptLock, "index" | "key" | "salt">,
  former: readonly TimedTerms[],
  lockIds: ReadonlySet<string>,
  domain: Domain,
): TimedFound[] {
  return former.flatMap((terms) => {
    const lockId = toHex(timedLock(terms, PublicKey.ed25519(key), salt).id(domain));
    return lockIds.has(lockId) ? [{ ...terms, index, lockId }] : [];
  });
}

async function noPasskey(): Promise<never> {
  throw missing("nobody can ask for a passkey here");
}

function missing(reason: string): TongbaoError {
  return new TongbaoError(reason, KEYS_MISSING, "", "type the recovery phrase once more: it brings the keys that are missing");
}
