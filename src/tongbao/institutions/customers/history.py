"""What happened to wallets, for their holders to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.institutions.tables import history, receipts, transactions
from tongbao.protocol.wallet import HistoryEntry, HistoryPage
from tongbao.statements import Statement

__all__ = ["Happening", "read_history", "unproven", "with_receipts", "write_history"]

SETTLED = "settled"


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
# What never settled may have a receipt, too: of its refusal, which is not what a history's receipts prove.
_RECEIPT = sa.case(
    (history.c.state == SETTLED, sa.func.coalesce(transactions.c.receipt, receipts.c.receipt)), else_=None
).label("receipt")
_PAGE = (
    sa.select(history, _RECEIPT)
    .outerjoin(transactions, transactions.c.transaction_id == history.c.transaction_id)
    .outerjoin(receipts, receipts.c.transaction_id == history.c.transaction_id)
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


def unproven(page: HistoryPage) -> list[bytes]:
    """The transactions that have settled, and whose receipts the page lacks."""
    return [
        entry.transaction_id
        for entry in page.entries
        if entry.state == SETTLED and entry.transaction_id is not None and entry.receipt is None
    ]


def with_receipts(page: HistoryPage, found: Mapping[bytes, bytes]) -> HistoryPage:
    """The page with receipts, by transaction, where it had none."""
    entries = []
    for entry in page.entries:
        receipt = found.get(entry.transaction_id) if entry.transaction_id is not None else None
        fits = receipt is not None and entry.receipt is None and entry.state == SETTLED
        entries.append(entry.model_copy(update={"receipt": receipt}) if fits else entry)
    return page.model_copy(update={"entries": entries})
