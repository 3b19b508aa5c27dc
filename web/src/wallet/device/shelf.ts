/** What the wallet's page keeps on this device beside keys and coins: which wallets there are, and what was last seen. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Entry } from "../model/history";
import type { SealedPhrase } from "./phraseSafe";

/** One wallet of this browser. */
export interface Profile {
  /** The wallet id: a browser has one wallet of a phrase, at one home. */
  readonly id: string;
  readonly walletId: string;
  readonly home: number;
  readonly homeTitle: string;
  readonly networkId: string;
  readonly address: string;
  readonly holderName: string;
  /** Where its keys are: on the device, or made good by a passkey. */
  readonly keys: "device" | "passkey";
  /** False while its home has not said that it is open. */
  readonly opened: boolean;
  /** Whether the holder has shown that the phrase is written down. */
  readonly backedUp: boolean;
  readonly usedAtMs: number;
}

/** What was last seen of a wallet, for reading without a network. */
export interface Snapshot {
  readonly id: string;
  readonly depositFen: number;
  readonly entries: readonly Entry[];
  /** By the device's clock. */
  readonly takenAtMs: number;
  /** Of the event stream; "" before anything was heard. */
  readonly lastEventId: string;
}

/** What a payment that is under way was about, so that it is found again with its name. */
export interface Intention {
  /** The wallet's profile and the payment's name. */
  readonly key: string;
  readonly profileId: string;
  readonly name: string;
  /** Written by others: text and nothing else. */
  readonly payee: string;
  readonly amountFen: number;
  readonly madeAtMs: number;
  /** The code or link, or the person's address and this request's id, to open the same payment again. */
  readonly about: string;
}

interface Shelves extends DBSchema {
  profiles: { key: string; value: Profile };
  snapshots: { key: string; value: Snapshot };
  intentions: { key: string; value: Intention };
  phrases: { key: string; value: SealedPhrase & { readonly id: string } };
  /** Masked names by address, as they were seen before a payment. */
  names: { key: string; value: { readonly address: string; readonly name: string } };
  /** Genesis by network id: what receipts are verified with, offline too. */
  geneses: { key: string; value: Uint8Array };
  /** Receipts with their proof from the transparency log, by the profile and the transaction's id. */
  loggedReceipts: { key: [profileId: string, transactionId: string]; value: Uint8Array };
}

const NAME = "tongbao-wallet";
const VERSION = 2;

/** The shelf of this browser; every write is durable once its promise is kept. */
export class Shelf {
  private constructor(private readonly database: IDBPDatabase<Shelves>) {}

  static async open(): Promise<Shelf> {
    const database = await openDB<Shelves>(NAME, VERSION, {
      upgrade(fresh, from) {
        if (from < 1) {
          fresh.createObjectStore("profiles", { keyPath: "id" });
          fresh.createObjectStore("snapshots", { keyPath: "id" });
          fresh.createObjectStore("intentions", { keyPath: "key" });
          fresh.createObjectStore("phrases", { keyPath: "id" });
          fresh.createObjectStore("names", { keyPath: "address" });
          fresh.createObjectStore("geneses");
        }
        if (from < 2) fresh.createObjectStore("loggedReceipts");
      },
      // A newer page in another tab must not wait for this one.
      blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
    });
    return new Shelf(database);
  }

  /** Wallets of this browser, the one used last first. */
  async profiles(): Promise<Profile[]> {
    const found = await this.database.getAll("profiles");
    return found.sort((one, other) => other.usedAtMs - one.usedAtMs);
  }

  async keepProfile(profile: Profile): Promise<void> {
    await this.database.put("profiles", profile);
  }

  snapshot = (id: string): Promise<Snapshot | undefined> => this.database.get("snapshots", id);

  async keepSnapshot(snapshot: Snapshot): Promise<void> {
    await this.database.put("snapshots", snapshot);
  }

  /** What the payments of the wallet that are under way are about. */
  async intentions(profileId: string): Promise<Intention[]> {
    return (await this.database.getAll("intentions")).filter((each) => each.profileId === profileId);
  }

  async keepIntention(intention: Intention): Promise<void> {
    await this.database.put("intentions", intention);
  }

  async dropIntention(key: string): Promise<void> {
    await this.database.delete("intentions", key);
  }

  /** Whose addresses are known here. */
  async names(): Promise<Map<string, string>> {
    return new Map((await this.database.getAll("names")).map(({ address, name }) => [address, name]));
  }

  async keepName(address: string, name: string): Promise<void> {
    await this.database.put("names", { address, name });
  }

  phrase = (id: string): Promise<SealedPhrase | undefined> => this.database.get("phrases", id);

  async keepPhrase(id: string, sealed: SealedPhrase): Promise<void> {
    await this.database.put("phrases", { ...sealed, id });
  }

  /** The holder has the phrase, so the device needs it no more. */
  async dropPhrase(id: string): Promise<void> {
    await this.database.delete("phrases", id);
  }

  /** Delete phrases that nobody is to write down any more: of wallets that are backed up, and of none. */
  async tidyPhrases(): Promise<void> {
    const waiting = new Set((await this.profiles()).filter((each) => !each.backedUp).map((each) => each.id));
    for (const id of await this.database.getAllKeys("phrases")) if (!waiting.has(id)) await this.dropPhrase(id);
  }

  genesis = (networkId: string): Promise<Uint8Array | undefined> => this.database.get("geneses", networkId);

  async keepGenesis(networkId: string, genesis: Uint8Array): Promise<void> {
    await this.database.put("geneses", genesis, networkId);
  }

  loggedReceipt(profileId: string, transactionId: string): Promise<Uint8Array | undefined> {
    return this.database.get("loggedReceipts", [profileId, transactionId]);
  }

  async keepLoggedReceipt(profileId: string, transactionId: string, receipt: Uint8Array): Promise<void> {
    await this.database.put("loggedReceipts", receipt, [profileId, transactionId]);
  }

  /** Forget everything of the wallet that lies on this shelf. */
  async forget(id: string): Promise<void> {
    const names = ["profiles", "snapshots", "phrases", "intentions", "loggedReceipts"] as const;
    const intentions = await this.intentions(id);
    const all = this.database.transaction(names, "readwrite");
    await Promise.all([
      all.objectStore("profiles").delete(id),
      all.objectStore("snapshots").delete(id),
      all.objectStore("phrases").delete(id),
      all.objectStore("loggedReceipts").delete(IDBKeyRange.bound([id], [id, []])), // arrays are above all texts
      ...intentions.map((each) => all.objectStore("intentions").delete(each.key)),
      all.done,
    ]);
  }
}
