import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import { isUsedElsewhere } from "../../src/device/keyUsers";
import { ShopShelf } from "../../src/shop/model/shelf";
import { Shelf } from "../../src/wallet/device/shelf";

const WALLET = "11".repeat(16);

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

test("keys of a wallet that the shop uses stay when the wallet's page forgets it", async () => {
  await (await ShopShelf.open()).keepPost({
    kind: "owner",
    networkId: "00",
    home: 1,
    walletId: WALLET,
    name: "Tea",
    category: "food",
    registered: true,
  });

  expect(await isUsedElsewhere(WALLET, "tongbao-wallet")).toBe(true);
  expect(await isUsedElsewhere(WALLET, "tongbao-shop")).toBe(false);
  expect(await isUsedElsewhere("22".repeat(16), "tongbao-wallet")).toBe(false);
});

test("keys of a wallet that the wallet's page lists stay when the shop leaves this device", async () => {
  await (await Shelf.open()).keepProfile({
    id: WALLET,
    walletId: WALLET,
    home: 1,
    homeTitle: "First Bank",
    networkId: "00",
    address: "",
    holderName: "Li",
    keys: "device",
    opened: true,
    backedUp: true,
    usedAtMs: 0,
  });

  expect(await isUsedElsewhere(WALLET, "tongbao-shop")).toBe(true);
  expect(await isUsedElsewhere(WALLET, "tongbao-wallet")).toBe(false);
});

test("asking makes no list where there is none, since its page could not begin with an empty one", async () => {
  expect(await isUsedElsewhere(WALLET, "tongbao-shop")).toBe(false);

  expect(await indexedDB.databases()).toEqual([]);
  const shelf = await Shelf.open();
  expect(await shelf.profiles()).toEqual([]);
});
