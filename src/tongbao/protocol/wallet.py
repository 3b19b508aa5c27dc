"""What a wallet says to its home about itself: opening, locks, balance, coins, history, exchange with the deposit.

| request | by | answer |
|---|---|---|
| `POST /v1/wallets` | the wallet's new key (`key:<public key>`) | `WalletAccount` |
| `GET  /v1/wallets/{wallet_id}` | the wallet, or a watcher of it | `WalletAccount` |
| `POST /v1/wallets/{wallet_id}/locks` | the wallet | `WalletAccount` |
| `GET  /v1/wallets/{wallet_id}/coins?after=&limit=` | the wallet, or a watcher of it | `WalletCoinPage` |
| `GET  /v1/wallets/{wallet_id}/history?after=&limit=` | the wallet, or a watcher of it | `HistoryPage` |
| `POST /v1/wallets/{wallet_id}/exchanges` | the wallet | `Exchange` |
| `POST /v1/exchanges` | a teller, for many wallets at once | `ExchangeBatchAnswer` |
| `POST /v1/deposits` | a teller | `Deposit` |
| `POST /v1/payouts` | a teller | `Deposit` |
| `POST /v1/wallets/{wallet_id}/closing` | the wallet | `WalletAccount` |
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.coin.coin import VALUE_MAX
from tongbao.protocol.registration import CoinRecord
from tongbao.protocol.wire import Base64, Cursor, Fen, Hash, Home, LedgerTime, Message, SequenceNumber, WalletId

__all__ = [
    "ClosingRequest",
    "Deposit",
    "DepositRequest",
    "Exchange",
    "ExchangeBatchAnswer",
    "ExchangeBatchRequest",
    "ExchangeItem",
    "ExchangeRequest",
    "ExchangeState",
    "HistoryEntry",
    "HistoryPage",
    "OpenWalletRequest",
    "PayoutRequest",
    "WalletAccount",
    "WalletClass",
    "WalletCoin",
    "WalletCoinPage",
    "WalletKind",
    "WalletState",
]

EXCHANGES_MAX = 512
"""One transaction makes at most 1,024 coins; half of that leaves room for the vault's change."""


class WalletClass(StrEnum):
    """How well the holder is known, and so what the wallet may hold and pay."""

    I = "I"  # noqa: E741 - the class's own name
    II = "II"
    III = "III"
    IV = "IV"


class WalletKind(StrEnum):
    """Whose wallet it is."""

    PERSONAL = "personal"
    CORPORATE = "corporate"


class WalletState(StrEnum):
    """Whether a wallet takes money."""

    OPEN = "open"
    CLOSING = "closing"
    """Nobody can pay it any more; its holder empties it."""
    CLOSED = "closed"
    """Empty for good; its past can still be read."""


class OpenWalletRequest(Message):
    """Open a wallet for the key that signs the request; a deposit account is opened beside it."""

    wallet_class: WalletClass
    kind: WalletKind = WalletKind.PERSONAL
    holder_name: Annotated[str, Field(min_length=1, max_length=128)]
    locks: Annotated[list[Hash], Field(default_factory=list, max_length=512)]
    locks_signature: Base64 = b""


class WalletAccount(Message):
    """A wallet as its home keeps it; `moved_to` is the holder's address at another home, where payers are sent on."""

    wallet_id: WalletId
    address: str
    home: Home
    wallet_class: WalletClass
    kind: WalletKind
    holder_name: str
    balance_fen: int
    deposit_fen: int
    locks_left: int
    state: WalletState = WalletState.OPEN
    moved_to: str = ""
    sequence: SequenceNumber
    time_ms: LedgerTime


class ClosingRequest(Message):
    """Close the wallet. `moved_to` is its address at another home, with the same key, for whoever wants to pay it.

    From the first request on nobody can pay the wallet. It is closed by a later one, when it is empty (neither coins
    nor deposit) and what was promised before has arrived or expired; until then it is `closing`. Opening it anew takes
    all this back.
    """

    moved_to: Annotated[str, Field(max_length=128)] = ""


class WalletCoin(Message):
    """A coin of the wallet; `salt` is given where the lock is over the wallet's main key, made by its home."""

    coin: CoinRecord
    salt: Hash | None


class WalletCoinPage(Message):
    """Unspent coins of a wallet, oldest first; `next` leads on also from the last page, to coins made later."""

    coins: list[WalletCoin]
    next: Cursor
    sequence: SequenceNumber
    time_ms: LedgerTime


class HistoryEntry(Message):
    """One thing that happened to the wallet; `amount_fen` is negative where it paid.

    `tip_fen` is what of the amount was a tip, with the same sign.

    `receipt` proves to anyone that the transaction has settled, whoever paid. It says nothing of amounts and payees: a
    coin is of this transaction because its id commits to the transaction's. It is null where nothing settled, and for
    as long as the registration centre does not answer the home.
    """

    entry_id: str
    kind: str
    amount_fen: int
    tip_fen: int = 0
    counterparty: str
    state: str
    transaction_id: Hash | None
    time_ms: LedgerTime
    receipt: Base64 | None


class HistoryPage(Message):
    """A wallet's history, newest first."""

    entries: list[HistoryEntry]
    next: Cursor


class ExchangeRequest(Message):
    """Turn deposit into coins in the wallet, 1:1.

    `payment_fen` says that the money is for one payment of that amount at once: the payment's limits are checked
    first, so that a payment which would be refused moves nothing.
    """

    amount_fen: Fen
    payment_fen: Annotated[int, Field(ge=0, le=VALUE_MAX)] = 0


class ExchangeState(StrEnum):
    """How far an exchange is."""

    PENDING = "pending"
    SETTLED = "settled"
    REFUSED = "refused"


class Exchange(Message):
    """Deposit turned into coins; `status` is SETTLED, a kernel status or a limit's name."""

    exchange_id: str
    wallet_id: WalletId
    amount_fen: Fen
    state: ExchangeState
    status: str
    transaction_id: Hash | None
    coins: list[WalletCoin]
    receipt: Base64 | None
    sequence: SequenceNumber
    time_ms: LedgerTime


class ExchangeItem(Message):
    """One wallet's part of many; `deposit_fen` is paid into the deposit account first, as a teller takes cash."""

    wallet_id: WalletId
    amount_fen: Fen
    payment_fen: Annotated[int, Field(ge=0, le=VALUE_MAX)] = 0
    deposit_fen: Annotated[int, Field(ge=0, le=VALUE_MAX)] = 0


class ExchangeBatchRequest(Message):
    """Exchange for many wallets in one transaction; each is judged by itself, and those refused are left out."""

    items: Annotated[list[ExchangeItem], Field(min_length=1, max_length=EXCHANGES_MAX)]


class ExchangeBatchAnswer(Message):
    """One exchange per item, in the request's order."""

    exchanges: list[Exchange]


class DepositRequest(Message):
    """A teller takes cash for the deposit account of a wallet's holder."""

    wallet_id: WalletId
    amount_fen: Fen


class PayoutRequest(Message):
    """A teller pays cash out of the deposit account of a wallet's holder."""

    wallet_id: WalletId
    amount_fen: Fen


class Deposit(Message):
    """The deposit account after cash was paid in or out."""

    wallet_id: WalletId
    deposit_fen: int
