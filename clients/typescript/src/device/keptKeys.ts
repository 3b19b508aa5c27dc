/** A wallet's keys as the database has them, and how they come there while its phrase is in memory. */

import { type Bytes, concat, toHex } from "../bytes.js";
import type { Domain, HashKind } from "../domain.js";
import { inSlices } from "../keyring.js";
import type { Derived, WalletKeys } from "../keys.js";
import { KeyLock } from "../lock.js";
import type { Passkey } from "../passkey/passkeyKey.js";
import type { TimedFound } from "../passkey/recoveringKeys.js";
import type { TimedTerms } from "../passkey/timedLocks.js";
import { PublicKey } from "../suites.js";
import type { Access, Database } from "./database.js";
import { openingKeyOf, signingKeyOf } from "./deviceKeys.js";

export const ID_BYTES = 32;

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
  /** What opens its locks; null where keys on the device do. */
  readonly passkey: KeptPasskey | null;
  /** Terms on which passkeys of earlier days may have locked its money. */
  readonly former: readonly TimedTerms[];
  /** Locks that were found to be on such terms. */
  readonly found: readonly TimedFound[];
}

export interface KeptPasskey extends Passkey {
  readonly periodMs: number;
  /** Of the pocket key that describes the wallet to whoever recovers it. */
  readonly number: number;
  readonly laterKey: Bytes;
  readonly salt: Bytes;
  readonly describedAs: string | null;
  /** From which index on locks open to the phrase from which time on, ascending. */
  readonly terms: readonly { readonly first: number; readonly laterFromMs: number }[];
}

export interface KeptKey {
  readonly walletId: string;
  readonly key: Bytes;
  readonly salt: Bytes;
  /** Null in a passkey's wallet: the phrase alone has it. */
  readonly signer: CryptoKey | null;
}

export interface KeptLock extends KeptKey {
  readonly index: number;
}

export interface KeptPocketKey extends KeptKey {
  readonly number: number;
  /** Of the pocket that it is for; null while it is for none. */
  readonly requestId: string | null;
}

export interface KeptLockIds {
  readonly walletId: string;
  readonly first: number;
  readonly ids: Bytes;
}

/** Which keys a device is to have. */
export interface Wanted {
  readonly home: number;
  /** Ascending. */
  readonly locks: readonly number[];
  readonly pockets: readonly number[];
  /** Keys for pockets that will be made here, by numbers that no other device takes. */
  readonly freshPockets: number;
  /** Of a new wallet that a passkey guards. */
  readonly passkey?: { readonly passkey: Passkey; readonly periodMs: number } | null;
  readonly former?: readonly TimedTerms[];
  readonly found?: readonly TimedFound[];
  /** Whether keys on this device open new locks from now on, in place of the passkey that it knew. */
  readonly passkeyIsLost?: boolean;
}

/** Keys that are written at a time: more would hold the page up. */
const KEYS_AT_ONCE = 64;

/** Take the wanted keys from those in memory, beside what the device has. Until all of them are there, none counts. */
export async function bringKeys(database: Database, keys: WalletKeys, wanted: Wanted): Promise<void> {
  const walletId = toHex(keys.walletId);
  const known = await database.read(["wallets"], (access) => access.get<KeptKeyring>("wallets", walletId));
  const passkey = (wanted.passkeyIsLost ? null : known?.passkey) ?? passkeyOf(keys, wanted);
  const locks = await keptLocks(walletId, keys, wanted.locks, passkey === null);
  const pockets = await keptPockets(walletId, keys, wanted);
  const kept: KeptKeyring = {
    walletId,
    networkId: toHex(keys.domain.networkId),
    hashKind: keys.domain.hashKind,
    home: wanted.home,
    mainKey: keys.mainKey.key,
    signer: await signingKeyOf(keys.mainSecret()),
    opener: await openingKeyOf(keys.mainSecret()),
    locksEnd: Math.max(known?.locksEnd ?? 0, (wanted.locks.at(-1) ?? -1) + 1),
    passkey,
    // What this device's own passkey opens needs no later key.
    former: passkey === null ? (wanted.former ?? known?.former ?? []) : [],
    found: passkey === null ? [...(known?.found ?? []), ...(wanted.found ?? [])] : [],
  };
  for (let place = 0; place < locks.length; place += KEYS_AT_ONCE) {
    await database.write(["locks"], async (access) => {
      for (const each of locks.slice(place, place + KEYS_AT_ONCE)) access.put("locks", each);
    });
  }
  await database.write(["wallets", "lockIds", "pockets"], async (access) => {
    for (const each of idsOf(walletId, locks, keys.domain)) access.put("lockIds", each);
    await putPockets(access, walletId, pockets);
    access.put("wallets", kept);
  });
}

/** Random, since another device with this phrase must not take the same key for something else. */
function randomNumbers(count: number): number[] {
  return Array.from(crypto.getRandomValues(new Uint32Array(count)), (number) => number >>> 1);
}

function passkeyOf(keys: WalletKeys, { passkey }: Wanted): KeptPasskey | null {
  if (!passkey) return null;
  const [number = 0] = randomNumbers(1);
  const { key, salt } = keys.pocketSecret(number);
  const { periodMs } = passkey;
  return { ...passkey.passkey, periodMs, number, laterKey: key.key, salt, describedAs: null, terms: [] };
}

async function keptOf(walletId: string, { secret, key, salt }: Derived, withSigner = true): Promise<KeptKey> {
  return { walletId, key: key.key, salt, signer: withSigner ? await signingKeyOf(secret) : null };
}

async function keptLocks(
  walletId: string,
  keys: WalletKeys,
  indexes: readonly number[],
  withSigners: boolean,
): Promise<KeptLock[]> {
  const made: KeptLock[] = [];
  await inSlices(indexes.length, async (place) => {
    const index = indexes[place] ?? 0;
    made.push({ ...(await keptOf(walletId, keys.lockSecret(index), withSigners)), index });
  });
  return made;
}

async function keptPockets(walletId: string, keys: WalletKeys, wanted: Wanted): Promise<KeptPocketKey[]> {
  const made: KeptPocketKey[] = [];
  for (const number of wanted.pockets) {
    const kept = await keptOf(walletId, keys.pocketSecret(number));
    made.push({ ...kept, number, requestId: `made before ${number}` });
  }
  for (const number of randomNumbers(wanted.freshPockets)) {
    made.push({ ...(await keptOf(walletId, keys.pocketSecret(number))), number, requestId: null });
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
