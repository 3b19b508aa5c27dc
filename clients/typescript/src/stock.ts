/** A wallet's stock of single-use lock ids, signed so that its home can hand them out but not forge them. */

import { type Bytes, concat, equal } from "./bytes.js";
import type { Domain } from "./domain.js";
import { u16 } from "./encoding.js";
import { PeerError, TongbaoError } from "./errors.js";
import type { Keyring } from "./keyring.js";
import { walletIdOf } from "./keys.js";
import { KeyLock } from "./lock.js";
import { leafHash, rootFromPath, rootOf } from "./merkle.js";
import { PublicKey, verifySignature } from "./suites.js";

function stockDigest(root: Bytes, count: number, domain: Domain): Bytes {
  return domain.hash("tongbao/lock-stock/1", concat(domain.networkId, u16(count), root));
}

/** The main key's signature over the stock of these locks. */
export function signStock(lockIds: readonly Bytes[], keys: Pick<Keyring, "domain" | "sign">): Promise<Bytes> {
  const { domain } = keys;
  const leaves = lockIds.map((lockId) => leafHash(lockId, domain));
  return keys.sign(stockDigest(rootOf(leaves, domain), lockIds.length, domain));
}

/** Why a lock belongs to a wallet: from its signed stock, or, with `salt`, openly over its main key. */
export interface LockProof {
  readonly lockId: Bytes;
  readonly key: Bytes;
  readonly index: number;
  readonly count: number;
  readonly path: readonly Bytes[];
  readonly signature: Bytes;
  readonly salt: Bytes | null;
}

/** The id of the wallet whose key the proof shows. */
export function walletInProof(proof: LockProof, domain: Domain): Bytes {
  return walletIdOf(PublicKey.decode(proof.key), domain);
}

/** Return if the wallet itself made the lock; else throw, since money sent there might be lost. */
export function verifyLockProof(proof: LockProof, walletId: Bytes, domain: Domain): void {
  try {
    demandOwn(proof, walletId, domain);
  } catch (error) {
    if (!(error instanceof TongbaoError)) throw error;
    throw new PeerError(`the payee's home names a lock that is not the payee's: ${error.message}`);
  }
}

function demandOwn(proof: LockProof, walletId: Bytes, domain: Domain): void {
  const key = PublicKey.decode(proof.key);
  if (!equal(walletIdOf(key, domain), walletId)) throw wrong("the key is not the wallet's");
  if (proof.salt !== null) {
    if (!equal(new KeyLock(key, proof.salt).id(domain), proof.lockId)) throw wrong("the lock is not over that key");
    return;
  }
  const root = rootFromPath(leafHash(proof.lockId, domain), proof.path, proof.index, proof.count, domain);
  if (!verifySignature(key, proof.signature, stockDigest(root, proof.count, domain))) {
    throw wrong("the wallet has not signed the stock");
  }
}

function wrong(reason: string): TongbaoError {
  return new TongbaoError(reason, "BAD_REQUEST", "proof");
}
