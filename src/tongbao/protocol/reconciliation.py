"""What an institution's books say, held against themselves and against the ledger.

| request | by | answer |
|---|---|---|
| `GET  /v1/bank/reconciliation` | a teller | `Reconciliation` |
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.wire import Home, LedgerTime, Message, SequenceNumber

__all__ = ["BREAKS_SHOWN_MAX", "Break", "BreakKind", "Reconciliation", "ReconciliationLine"]

BREAKS_SHOWN_MAX = 500
"""Of each kind: whoever has more looks for their common cause, not for the rest."""


class BreakKind(StrEnum):
    """What a difference is, each with its explanation below."""

    ENTRY_UNBALANCED = "entry_unbalanced"
    ACCOUNT_DIFFERS = "account_differs"
    VAULT_DIFFERS = "vault_differs"
    TRANSIT_DIFFERS = "transit_differs"
    RESERVES_DIFFER = "reserves_differ"
    WALLET_DIFFERS = "wallet_differs"
    ORDER_UNPROVEN = "order_unproven"
    REFUNDS_DIFFER = "refunds_differ"
    COIN_UNKNOWN_HERE = "coin_unknown_here"
    COIN_UNKNOWN_TO_LEDGER = "coin_unknown_to_ledger"
    SPENT_ON_LEDGER = "spent_on_ledger"
    SPENT_HERE_ONLY = "spent_here_only"
    COIN_WITHOUT_OWNER = "coin_without_owner"

    @property
    def explanation(self) -> str:
        """What leads to it, and what to do."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    BreakKind.ENTRY_UNBALANCED: (
        "an entry does not sum to zero: its lines were changed past the institution; compare with a back-up"
    ),
    BreakKind.ACCOUNT_DIFFERS: (
        "an account's balance is not the sum of its postings: one of the two was changed past the institution"
    ),
    BreakKind.VAULT_DIFFERS: "the account of the vault is not worth its unspent coins: see the breaks of single coins",
    BreakKind.TRANSIT_DIFFERS: (
        "what is in transit is not what open exchanges have taken from deposits: an exchange was booked by half"
    ),
    BreakKind.RESERVES_DIFFER: (
        "what the books paid in for coins is not what the ledger issued here less what it redeemed: an issuance or a "
        "redemption is missing in the books, as after an older back-up without its redo log"
    ),
    BreakKind.WALLET_DIFFERS: "a wallet's balance is not the sum of its unspent coins: see the breaks of single coins",
    BreakKind.ORDER_UNPROVEN: "an order is marked as paid, and no coin of its payment is known here",
    BreakKind.REFUNDS_DIFFER: "an order's refunds are not the sum of its refunds that settled",
    BreakKind.COIN_UNKNOWN_HERE: (
        "the ledger has a coin of this home by a transaction that the database does not know: it is older than the "
        "ledger and its redo log was lost"
    ),
    BreakKind.COIN_UNKNOWN_TO_LEDGER: (
        "the database has a coin that the ledger never made: the row was added past the institution"
    ),
    BreakKind.SPENT_ON_LEDGER: (
        "the ledger has spent a coin by a transaction that the database does not know: it is older than the ledger and "
        "its redo log was lost; only the coin's owner could have signed, so the money is where he sent it"
    ),
    BreakKind.SPENT_HERE_ONLY: "a coin is marked as spent here that is unspent on the ledger: its owner has it still",
    BreakKind.COIN_WITHOUT_OWNER: (
        "a coin lies under a lock that was handed out to nobody here: somebody paid a lock made up by himself, or the "
        "change of a payment that the database does not know; it counts for nobody until its owner shows up"
    ),
}


class Break(Message):
    """One difference.

    Attributes:
        kind: what it is.
        subject: the account, wallet, order or coin that it is about.
        books_fen: what the books say.
        other_fen: what it must be by what they are held against.
    """

    kind: BreakKind
    subject: Annotated[str, Field(max_length=128)]
    books_fen: int
    other_fen: int


class ReconciliationLine(Message):
    """Two sums that must be one.

    Attributes:
        name: of what.
        against: what it is held against.
        books_fen: what the books say.
        other_fen: what the other side says.
    """

    name: str
    against: str
    books_fen: int
    other_fen: int


class Reconciliation(Message):
    """The report.

    Attributes:
        home: whose books.
        reconciles: whether there is no break but coins without an owner, which nobody can mend.
        lines: the sums.
        coins: how many coins were held against the ledger, spent ones among them.
        on_the_way: coins that differed and no longer did when looked at again, or that an open transaction explains.
        breaks: what does not agree, at most `BREAKS_SHOWN_MAX` of each kind.
        explanations: of the kinds among them.
        more_breaks: how many are not shown.
        sequence: the batch up to which the ledger was read.
        time_ms: its ledger time.
    """

    home: Home
    reconciles: bool
    lines: list[ReconciliationLine]
    coins: int
    on_the_way: int
    breaks: list[Break]
    explanations: dict[str, str]
    more_breaks: int
    sequence: SequenceNumber
    time_ms: LedgerTime
