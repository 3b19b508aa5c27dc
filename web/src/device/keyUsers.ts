/** Who on this device uses a wallet's keys: wallet and shop keep keys in one place, and each its own list of wallets. */

import { openDB } from "idb";

/** The pages' own lists: a database, and its store of rows that name a wallet. */
const LISTS = { "tongbao-wallet": "profiles", "tongbao-shop": "posts" } as const;

/** Whether another page than the one with the list `own` still needs the wallet's keys, so that they must stay. */
export async function isUsedElsewhere(walletId: string, own: keyof typeof LISTS): Promise<boolean> {
  // Opening a list that is not there would make an empty one, which its page could not begin with.
  const there = new Set((await indexedDB.databases()).map(({ name }) => name));
  for (const [name, store] of Object.entries(LISTS)) {
    if (name === own || !there.has(name)) continue;
    const database = await openDB(name);
    try {
      const rows = (await database.getAll(store)) as { readonly walletId?: string }[];
      if (rows.some((row) => row.walletId === walletId)) return true;
    } finally {
      database.close();
    }
  }
  return false;
}
