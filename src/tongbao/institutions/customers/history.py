"""What happened to wallets, for their holders to read, and for the event log to tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.tables import history, receipts, transactions
from tongbao.protocol.event import EventData, EventKind
from tongbao.protocol.wallet import HistoryEntry, HistoryPage
from tongbao.statements import Statement

__all__ = [
    "ABSENT",
    "EVERYTHING",
    "SETTLED",
    "Happening",
    "HistoryFilter",
    "OrderName",
    "read_history",
    "unproven",
    "with_receipts",
    "write_history",
]

SETTLED = "settled"
ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class OrderName:
    """An order at this home, by its id and by the merchant's own number."""

    order_id: bytes
    order_number: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a wallet.

    Attributes:
        wallet_id: the wallet.
        kind: "payment", "received", "refund", "pocket", "exchange" or "deposit".
        amount_fen: negative where the wallet paid.
        counterparty: whom the holder knows it by: a shop, an address, an order.
        transaction_id: where there is one.
        state: "settled" or "absent".
        time_ms: ledger time.
        order: the merchant's order that was paid by it, or of which it gives money back.
        tip_fen: what of the amount is a tip.
    """

    wallet_id: bytes
    kind: str
    amount_fen: int
    counterparty: str
    transaction_id: bytes | None
    state: str
    time_ms: int
    order: OrderName | None = None
    tip_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """Only what is all of this; what is None is not asked.

    Attributes:
        kind: as "payment".
        state: "settled" or "absent".
        from_ms: at that ledger time or later.
        until_ms: before that ledger time.
    """

    kind: str | None = None
    state: str | None = None
    from_ms: int | None = None
    until_ms: int | None = None

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """What the database must find true of an entry."""
        if self.kind is not None:
            yield history.c.kind == self.kind
        if self.state is not None:
            yield history.c.state == self.state
        if self.from_ms is not None:
            yield history.c.time_ms >= self.from_ms
        if self.until_ms is not None:
            yield history.c.time_ms < self.until_ms


EVERYTHING = HistoryFilter()

_KINDS = {
    ("payment", SETTLED): EventKind.PAYMENT_SETTLED,
    ("payment", ABSENT): EventKind.PAYMENT_FAILED,
    ("received", SETTLED): EventKind.PAYMENT_RECEIVED,
    ("refund", SETTLED): EventKind.REFUND_SETTLED,
    ("refund", ABSENT): EventKind.REFUND_FAILED,
    ("deposit", SETTLED): EventKind.DEPOSIT_SETTLED,
    ("deposit", ABSENT): EventKind.DEPOSIT_FAILED,
    ("pocket", SETTLED): EventKind.POCKET_FILLED,
    ("pocket", ABSENT): EventKind.POCKET_FAILED,
    ("exchange", SETTLED): EventKind.EXCHANGE_SETTLED,
    ("exchange", ABSENT): EventKind.EXCHANGE_FAILED,
}
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
    """Add to the wallets' histories, and tell of it."""
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
                "tip_fen": each.tip_fen,
            }
            for each in happened
        ],
    )
    tell(connection, [_event(each) for each in happened])


def _event(each: Happening) -> Event:
    data: EventData = {"amount_fen": abs(each.amount_fen), "counterparty": each.counterparty}
    data["transaction_id"] = None if each.transaction_id is None else each.transaction_id.hex()
    if each.order is None:
        return Event(each.wallet_id, _kind(each), "", data, each.time_ms)
    subject = each.order.order_id.hex()
    data |= {"order_id": subject, "order_number": each.order.order_number}
    if each.kind == "received":
        data["tip_fen"] = each.tip_fen
    return Event(each.wallet_id, _kind(each), subject, data, each.time_ms)


def _kind(each: Happening) -> EventKind:
    if each.amount_fen > 0 and each.kind == "refund":
        return EventKind.REFUND_RECEIVED
    if each.order is not None and each.kind == "received":
        return EventKind.ORDER_PAID
    return _KINDS[each.kind, each.state]


def read_history(
    connection: sa.Connection, wallet_id: bytes, wanted: HistoryFilter = EVERYTHING, *, before: int, count: int
) -> HistoryPage:
    """The newest things that happened before row `before`."""
    query = _PAGE.where(*wanted.conditions())
    rows = connection.execute(query, {"wallet": wallet_id, "before": before, "count": count}).all()
    entries = [
        HistoryEntry(
            entry_id=str(row.number),
            kind=row.kind,
            amount_fen=row.amount_fen,
            tip_fen=row.tip_fen,
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
