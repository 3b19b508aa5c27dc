/** What the shop's page keeps on this device beside keys of wallets: what the device is, and a till's own key. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";

/** The device of a shop's owner. */
export interface OwnerPost {
  readonly kind: "owner";
  readonly networkId: string;
  readonly home: number;
  readonly walletId: string;
  readonly name: string;
  readonly category: string;
  /** Whether the home takes orders under that name. */
  readonly registered: boolean;
}

/** The device of a cashier. */
export interface TillPost {
  readonly kind: "till";
  readonly networkId: string;
  readonly home: number;
  readonly merchantWalletId: string;
  readonly shopName: string;
  /** What the owner calls the till; "" until it is admitted. */
  readonly tillName: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Made on this device, and not extractable. */
  readonly signer: CryptoKey;
}

/** What this device is in a shop. */
export type Post = OwnerPost | TillPost;

interface Shelves extends DBSchema {
  posts: { key: string; value: Post };
}

const NAME = "tongbao-shop";
const VERSION = 1;
const ONLY = "this device";

/** The shelf of this browser; every write is durable once its promise is kept. */
export class ShopShelf {
  private constructor(private readonly database: IDBPDatabase<Shelves>) {}

  static async open(): Promise<ShopShelf> {
    const database = await openDB<Shelves>(NAME, VERSION, {
      upgrade(fresh) {
        fresh.createObjectStore("posts");
      },
      // A newer page in another tab must not wait for this one.
      blocking: (_from, _to, event) => (event.target as IDBDatabase).close(),
    });
    return new ShopShelf(database);
  }

  post = (): Promise<Post | undefined> => this.database.get("posts", ONLY);

  async keepPost(post: Post): Promise<void> {
    await this.database.put("posts", post, ONLY);
  }

  /** Forget what this device is; a till's key is gone with it. */
  async forget(): Promise<void> {
    await this.database.delete("posts", ONLY);
  }
}
