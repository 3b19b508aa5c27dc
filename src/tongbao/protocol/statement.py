"""What a wallet's holder asks for to hold against his own notes: a statement of one account for a period.

| request | by | answer |
|---|---|---|
| `GET /v1/wallets/{wallet_id}/statement?account=&from_ms=&until_ms=&after=&limit=` | the wallet | `Statement` |
"""

from enum import StrEnum

from tongbao.protocol.wire import Cursor, Hash, Home, LedgerTime, Message, SequenceNumber, WalletId

__all__ = ["Movement", "Statement", "StatementAccount"]


class StatementAccount(StrEnum):
    """Which money a statement is about."""

    WALLET = "wallet"
    """The coins, which the holder alone can spend."""
    DEPOSIT = "deposit"
    """The deposit account beside the wallet, which the institution owes the holder."""


class Movement(Message):
    """One change of the account, and what was there after it; `amount_fen` is negative where money went out."""

    number: str
    kind: str
    amount_fen: int
    balance_fen: int
    counterparty: str
    transaction_id: Hash | None
    time_ms: LedgerTime


class Statement(Message):
    """An account from `from_ms` on and before `until_ms`, in ledger time; the movements page by page, oldest first.

    `opening_fen` is added up from the start of the account to the period, `closing_fen` is what the account holds now
    less what came after the period: that opening and movements come to closing is for the reader to check. `final`
    says that nothing can come into the period any more.
    """

    wallet_id: WalletId
    address: str
    home: Home
    institution: str
    holder_name: str
    account: StatementAccount
    from_ms: LedgerTime
    until_ms: LedgerTime
    opening_fen: int
    movements: list[Movement]
    closing_fen: int
    final: bool
    next: Cursor
    sequence: SequenceNumber
    time_ms: LedgerTime
