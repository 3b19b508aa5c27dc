export { Acceptance, type AcceptedLock } from "./acceptance.js";
export { Address } from "./address.js";
export { type Bytes, fromBase64, fromHex, toBase64, toHex } from "./bytes.js";
export { CURRENCY, Coin, Input, VALUE_MAX } from "./coin.js";
export { Device, type DeviceSetting, type DeviceWallet, FRESH_LOCKS } from "./device/device.js";
export type { LockService } from "./device/indexedDbStore.js";
export { Domain, HashKind } from "./domain.js";
export { DecodingError, NetworkError, PeerError, ProblemError, TongbaoError } from "./errors.js";
export { type Genesis, readGenesis } from "./genesis.js";
export { KEYS_MISSING, type Keyring, type LockSource, type PocketKey } from "./keyring.js";
export { WalletKeys, walletIdOf } from "./keys.js";
export { KeyLock, type Lock, Path, TimedLock, readLock } from "./lock.js";
export type { BalanceNews, PaymentNews, PaymentStage, WalletNews } from "./news.js";
export type { Naming, PayeeName } from "./payees.js";
export type { KeptPayment } from "./payment.js";
export { type Language, newPhrase, readPhrase, seedOf, wordsOf } from "./phrase.js";
export { OwnPocket, type Pocket, type PocketParty } from "./pocketShelf.js";
export { PocketWords } from "./pocketWords.js";
export { type PocketWish, Pockets } from "./pockets.js";
export type { KeptCoin } from "./purse.js";
export { OrderDesk, type OrderPage, type OrderSearch, type OrderState, type OrderWish, type ShopOrder } from "./orderDesk.js";
export { Outcome, Receipt, ReceiptInvalidError } from "./receipt.js";
export { type Refund, type RefundPolicy, Refunds } from "./refunds.js";
export { type Checkout, type DayReport, type Merchant, type MoneyRequest, Shop } from "./shop.js";
export { type SignableRequest, type Signer, signRequest } from "./signature.js";
export { PATIENCE, type Patience, SignedClient } from "./signedClient.js";
export { type LockProof, signStock, verifyLockProof } from "./stock.js";
export { ED25519, PublicKey, SigningKey, verifyEd25519, verifySignature } from "./suites.js";
export { Till, type TillKey, type TillPlace, type TillRecord } from "./till.js";
export { tillIdOf } from "./tillId.js";
export { Body, Kind, Transaction, spendDigest } from "./transaction.js";
export {
  type Account,
  type History,
  type KeysLeft,
  type Opening,
  type Order,
  Wallet,
  type WalletSetting,
} from "./wallet.js";
export { MemoryStore, type WalletState, type WalletStore } from "./walletStore.js";
