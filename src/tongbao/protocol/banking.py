"""What a teller says to the institution about its own money: its books, its vault, issuance and redemption.

| request | by | answer |
|---|---|---|
| `POST /v1/bank/issuance` | a teller | `BankOperation` |
| `POST /v1/bank/redemption` | a teller | `BankOperation` |
| `GET  /v1/bank/operations/{operation_id}` | a teller | `BankOperation` |
| `GET  /v1/bank/report` | a teller | `BankReport` |
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.issuance import WaitsFor
from tongbao.protocol.wire import Base64, Fen, Hash, Home, LedgerTime, Message, SequenceNumber

__all__ = [
    "AccountBalance",
    "AccountKind",
    "BankOperation",
    "BankOperationState",
    "BankReport",
    "RequestIssuance",
    "RequestRedemption",
]

ISSUED_COINS_MAX = 64
"""A vault needs few coins: each exchange makes its own change."""


class RequestIssuance(Message):
    """Ask the central bank for money in the vault; `coins` says in how many coins of nearly equal value."""

    amount_fen: Fen
    coins: Annotated[int, Field(ge=1, le=ISSUED_COINS_MAX)] = 1


class RequestRedemption(Message):
    """Give money from the vault back to the central bank."""

    amount_fen: Fen


class BankOperationState(StrEnum):
    """How far an issuance or a redemption is."""

    REQUESTED = "requested"
    """Recorded here; the central bank's office has not answered yet."""
    PROPOSED = "proposed"
    """Officers are asked to approve it."""
    APPROVED = "approved"
    """Enough officers agree; the transaction is on its way."""
    SETTLED = "settled"
    REFUSED = "refused"
    EXPIRED = "expired"


class BankOperation(Message):
    """An issuance or a redemption; `status` says why it was refused, or is SETTLED.

    `receipt` proves to anyone that it has settled. An issuance is settled as soon as its coins are in the vault, and
    has its receipt as soon as the registration centre has been asked for it.

    `waits_for` says which earlier issuance must settle first, as the central bank's office said a moment ago; null
    where none must.
    """

    operation_id: Hash
    kind: str
    amount_fen: Fen
    state: BankOperationState
    status: str
    proposal_id: str
    transaction_id: Hash | None
    receipt: Base64 | None
    sequence: SequenceNumber
    time_ms: LedgerTime
    waits_for: WaitsFor | None = None


class AccountKind(StrEnum):
    """What an account's balance means; see `normal_balance_fen` for its sign."""

    ASSET = "asset"
    """What the institution has; normally a debit."""
    CONTRA_ASSET = "contra-asset"
    """What the institution gave out of assets that these books do not show; normally a credit."""
    LIABILITY = "liability"
    """What the institution owes; normally a credit."""


class AccountBalance(Message):
    """One line of the trial balance.

    `cash` are banknotes that tellers have taken for deposits. `vault` are unspent coins of the institution's own.
    `reserves` are paid in to the central bank for money that was issued and not redeemed, out of reserves that these
    books do not show otherwise. `exchange in transit` was taken from deposits for coins that have not settled yet.
    `deposits` are owed to customers, all of them in one line.

    In `balance_fen` a credit is positive and a debit negative, so that all lines sum to zero: cash of 10 yuan is -1000.
    `normal_balance_fen` is the same balance, positive where it stands on the side that is normal for the account's
    kind: cash of 10 yuan is 1000.
    """

    account: str
    kind: AccountKind
    balance_fen: int
    normal_balance_fen: int


class BankReport(Message):
    """The institution's books and vault at one moment.

    The `balance_fen` of `accounts` sum to zero. `vault_fen` is counted from the vault's unspent coins and
    `circulating_fen` from those of customers' wallets, both positive. `reserves_fen`, positive too, is what has been
    paid in to the central bank for money that is not redeemed; it is negative where more was redeemed than issued.
    `balanced` says that every entry and all balances agree, and the vault's account with its coins.
    """

    home: Home
    name: str
    policy: str
    accounts: list[AccountBalance]
    balanced: bool
    deposits_fen: int
    reserves_fen: int
    vault_fen: int
    vault_coins: int
    circulating_fen: int
    wallets: int
    in_flight: int
    feed_sequence: SequenceNumber
    sequence: SequenceNumber
    time_ms: LedgerTime
