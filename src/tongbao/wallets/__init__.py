"""A wallet decides for its holder: it keeps keys, signs, remembers what it signed, and recovers from its phrase.

keys = WalletKeys(seed_of(read_phrase(words)), genesis.domain())
setting = WalletSetting(
    genesis=genesis,
    home=HomeAddress(1, "https://bank.example"),
    centre_keys=CentreKeys(keys.domain, genesis.receipt_keys),
)
await prepare_store(ports.store)
wallet = Wallet(keys, setting, ports)
if not await wallet.start():
    await wallet.open(holder_name="Wang", wallet_class=WalletClass.I)
await wallet.exchange(10_000)
payment = await wallet.pay_order(await wallet.order("tongbao:order?..."))
"""

from tongbao.wallets.home import HomeAddress
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.order_desk import OrderDesk, TillPlace
from tongbao.wallets.parts import WalletSetting
from tongbao.wallets.payment import (
    InDoubtError,
    OwnCoin,
    PaymentKind,
    RefusedForNowError,
    WalletPayment,
    WalletPaymentState,
)
from tongbao.wallets.phrase import PhraseLanguage, new_phrase, read_phrase, seed_of
from tongbao.wallets.ports import Ports
from tongbao.wallets.receipts import CentreKeys
from tongbao.wallets.store import prepare_store
from tongbao.wallets.wallet import Wallet
from tongbao.wallets.watching import Watch, WatchPass

__all__ = [
    "CentreKeys",
    "HomeAddress",
    "InDoubtError",
    "OrderDesk",
    "OwnCoin",
    "PaymentKind",
    "PhraseLanguage",
    "Ports",
    "RefusedForNowError",
    "TillPlace",
    "Wallet",
    "WalletKeys",
    "WalletPayment",
    "WalletPaymentState",
    "WalletSetting",
    "Watch",
    "WatchPass",
    "new_phrase",
    "prepare_store",
    "read_phrase",
    "seed_of",
]
