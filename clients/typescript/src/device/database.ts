/** The one database of this origin: keys and states of all wallets on the device. */

import { TongbaoError } from "../errors.js";

const VERSION = 1;

/** The stores with their keys; whatever belongs to one wallet has its id first. */
const STORES = {
  /** One keyring each: the main key, and what opens sealed things. */
  wallets: "walletId",
  /** A key for each lock. */
  locks: ["walletId", "index"],
  /** The ids of locks, many in one, since reading keys takes long. */
  lockIds: ["walletId", "first"],
  /** A key for each pocket, made or to be made. */
  pockets: ["walletId", "number"],
  /** What a wallet must not forget, without its payments. */
  states: "walletId",
  payments: ["walletId", "place"],
} as const;

export type StoreName = keyof typeof STORES;

/** The stores of a transaction that runs. */
export interface Access {
  get<T>(store: StoreName, key: IDBValidKey): Promise<T | undefined>;
  /** Everything of the store that belongs to the wallet, in the order of its keys. */
  all<T>(store: StoreName, walletId: string): Promise<T[]>;
  put(store: StoreName, value: object): void;
  /** Let go of all that the store has of the wallet. */
  clear(store: StoreName, walletId: string): void;
}

export class Database {
  private constructor(private readonly database: IDBDatabase) {
    // Another tab brings a newer version: it must not wait for this one.
    database.onversionchange = () => database.close();
  }

  static open(name = "tongbao"): Promise<Database> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, VERSION);
      request.onupgradeneeded = () => {
        for (const [store, keyPath] of Object.entries(STORES)) {
          request.result.createObjectStore(store, { keyPath: typeof keyPath === "string" ? keyPath : [...keyPath] });
        }
      };
      request.onsuccess = () => resolve(new Database(request.result));
      request.onerror = () => reject(failed(request.error));
      request.onblocked = () => reject(failed("another tab uses an older version: close it"));
    });
  }

  read<T>(stores: readonly StoreName[], work: (access: Access) => Promise<T>): Promise<T> {
    return this.#run(stores, "readonly", work);
  }

  /** Write all of it or nothing; returns once it is on the disk and not just on its way. */
  write<T>(stores: readonly StoreName[], work: (access: Access) => Promise<T>): Promise<T> {
    return this.#run(stores, "readwrite", work);
  }

  async wallets<T>(): Promise<T[]> {
    const transaction = this.database.transaction(["wallets"]);
    return answered<T[]>(transaction.objectStore("wallets").getAll());
  }

  close(): void {
    this.database.close();
  }

  async #run<T>(
    stores: readonly StoreName[],
    mode: IDBTransactionMode,
    work: (access: Access) => Promise<T>,
  ): Promise<T> {
    let transaction: IDBTransaction;
    try {
      transaction = this.database.transaction([...stores], mode, { durability: "strict" });
    } catch (error) {
      throw failed(error);
    }
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(failed(transaction.error));
    });
    // Who waits for `work` hears of it there, before anybody waits for the end.
    ended.catch(() => undefined);
    try {
      const result = await work(accessOf(transaction));
      await ended;
      return result;
    } catch (error) {
      abort(transaction);
      throw error;
    }
  }
}

function accessOf(transaction: IDBTransaction): Access {
  return {
    get: (store, key) => answered(transaction.objectStore(store).get(key)),
    all: (store, walletId) => answered(transaction.objectStore(store).getAll(rangeOf(walletId))),
    put: (store, value) => void transaction.objectStore(store).put(value),
    clear: (store, walletId) => {
      const key = typeof STORES[store] === "string" ? IDBKeyRange.only(walletId) : rangeOf(walletId);
      transaction.objectStore(store).delete(key);
    },
  };
}

/** All keys that begin with the wallet's id: an array is behind every number. */
function rangeOf(walletId: string): IDBKeyRange {
  return IDBKeyRange.bound([walletId], [walletId, []]);
}

function answered<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(failed(request.error));
  });
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}

function failed(error: unknown): TongbaoError {
  return new TongbaoError(
    `this device could not keep or read its data: ${String(error)}`,
    "STORE_FAILED",
    "",
    "make room on the device, leave private browsing, and try again; nothing was sent",
  );
}
