"""The client library decides nothing: it gives programs that are not written around an event loop a wallet to use.

    from tongbao.client import Client

    with Client.connect(centre_url="http://127.0.0.1:8100") as client:
        phrase = client.new_phrase()
        with client.wallet("alice.sqlite", phrase, home=1, home_url="http://127.0.0.1:8102") as alice:
            alice.open(holder_name="Alice", wallet_class=WalletClass.II)
            alice.exchange(10_000)
            print(alice.pay("tongbao:order?...").transaction_id.hex())

Whatever is asked twice in the same words happens once. `InDoubtError` says that nobody knows yet whether it happened:
asking again is safe, and `resume` brings it to its end. Every other error says that nothing was paid.
"""

from tongbao.client.connection import Client
from tongbao.client.results import Balance, Settled
from tongbao.client.wallet import ClientWallet
from tongbao.errors import BusyError, NetworkError, PeerError, RefusedError, RequestError, TongbaoError
from tongbao.protocol.order import Order, OrderState
from tongbao.protocol.refund import Refund, RefundPolicy, RefundSilence, RefundState
from tongbao.protocol.wallet import HistoryEntry, WalletAccount, WalletClass, WalletKind
from tongbao.wallets import InDoubtError, PhraseLanguage, RefusedForNowError
from tongbao.wallets.pocket_shelf import OwnPocket
from tongbao.wallets.pockets import PocketWish

__all__ = [
    "Balance",
    "BusyError",
    "Client",
    "ClientWallet",
    "HistoryEntry",
    "InDoubtError",
    "NetworkError",
    "Order",
    "OrderState",
    "OwnPocket",
    "PeerError",
    "PhraseLanguage",
    "PocketWish",
    "Refund",
    "RefundPolicy",
    "RefundSilence",
    "RefundState",
    "RefusedError",
    "RefusedForNowError",
    "RequestError",
    "Settled",
    "TongbaoError",
    "WalletAccount",
    "WalletClass",
    "WalletKind",
]
