"""What happened to wallets, for their holders to read."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.institutions.tables import history, transactions
from tongbao.protocol.wallet import HistoryEntry, HistoryPage
from tongbao.statements import Statement

__all__ = ["Happening", "read_history", "write_history"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a wallet.

    Attributes:
        wallet_id: the wallet.
        kind: "payment", "received", "refund", "exchange" or "deposit".
        amount_fen: negative where the wallet paid.
        counterparty: whom the holder knows it by: a shop, an address, an order.
        transaction_id: where there is one.
        state: "settled" or "absent".
        time_ms: ledger time.
    """

    wallet_id: bytes
    kind: str
    amount_fen: int
    counterparty: str
    transaction_id: bytes | None
    state: str
    time_ms: int


_INSERT = Statement(sa.insert(history))
_PAGE = (
    sa.select(history, transactions.c.receipt)
    .outerjoin(transactions, transactions.c.transaction_id == history.c.transaction_id)
    .where(history.c.wallet_id == sa.bindparam("wallet"), history.c.number < sa.bindparam("before"))
    .order_by(history.c.number.desc())
    .limit(sa.bindparam("count"))
)


def write_history(connection: sa.Connection, happened: Sequence[Happening]) -> None:
    """Add to the wallets' histories."""
    _INSERT.run_many(
        connection,
        [
            {
                "wallet_id": each.wallet_id,
                "kind": each.kind,
                "amount_fen": each.amount_fen,
                "counterparty": each.counterparty,
                "transaction_id": each.transaction_id,
                "state": each.state,
                "time_ms": each.time_ms,
            }
            for each in happened
        ],
    )


def read_history(connection: sa.Connection, wallet_id: bytes, *, before: int, count: int) -> HistoryPage:
    """The newest things that happened before row `before`."""
    rows = connection.execute(_PAGE, {"wallet": wallet_id, "before": before, "count": count}).all()
    entries = [
        HistoryEntry(
            entry_id=str(row.number),
            kind=row.kind,
            amount_fen=row.amount_fen,
            counterparty=row.counterparty,
            state=row.state,
            transaction_id=row.transaction_id,
            time_ms=row.time_ms,
            receipt=row.receipt,
        )
        for row in rows
    ]
    return HistoryPage(entries=entries, next=str(rows[-1].number) if len(rows) == count else "")
