/** Genesis: what a currency is from its first moment. Its hash is the network id. */

import { type Bytes, fromUtf8 } from "./bytes.js";
import { Domain, HashKind } from "./domain.js";
import { type Reader, decodeWhole } from "./encoding.js";
import { PublicKey } from "./suites.js";

const MAGIC = "tongbao1";
const AUTHORITIES = 3;

/** What wallets and auditors need of it; offices read the rest. */
export interface Genesis {
  readonly domain: Domain;
  readonly name: string;
  readonly testNetwork: boolean;
  readonly assetCode: string;
  readonly inputsMax: number;
  /** How far ahead of ledger time a transaction may expire, in milliseconds. */
  readonly expiryAheadMaxMs: bigint;
  /** The keys with which the registration centre signed receipts at the start. */
  readonly receiptKeys: readonly PublicKey[];
}

export function readGenesis(data: Bytes): Genesis {
  const { hashKind, ...found } = decodeWhole(data, "genesis", read);
  return { ...found, domain: Domain.ofGenesis(data, hashKind) };
}

function read(reader: Reader): Omit<Genesis, "domain"> & { hashKind: HashKind } {
  if (text(reader, MAGIC.length) !== MAGIC) throw reader.error("this is no genesis");
  const hashKind = reader.u8();
  if (hashKind !== HashKind.Sha256 && hashKind !== HashKind.Sm3) throw reader.error(`hash ${hashKind} is unknown`);
  const testNetwork = reader.flag();
  reader.u64(); // time
  reader.u32(); // rules
  const name = text(reader, reader.u8());
  const assetCode = text(reader, reader.u8());
  const inputsMax = reader.u16();
  reader.u16(); // outputs
  reader.u32(); // transactions of a batch
  const expiryAheadMaxMs = reader.u64();
  reader.u64(); // delay of ordered moves
  reader.u32(); // snapshots
  reader.times(AUTHORITIES, readOfficers);
  PublicKey.read(reader); // the central bank's
  reader.times(reader.u16(), (each) => [each.u32(), PublicKey.read(each), each.u64()]);
  const receiptKeys = reader.times(reader.u8(), PublicKey.read);
  return { hashKind, testNetwork, name, assetCode, inputsMax, expiryAheadMaxMs, receiptKeys };
}

function readOfficers(reader: Reader): void {
  reader.u8(); // authority
  reader.u8(); // threshold
  reader.times(reader.u8(), PublicKey.read);
}

function text(reader: Reader, length: number): string {
  return fromUtf8(reader.take(length), "genesis");
}
