"""The event log: what happened to wallets and orders, numbered, for whoever wants to be told.

An event is written in the same database transaction as what it tells, so there is never the one without the other:

    tell(connection, [Event(shop, EventKind.ORDER_CANCELLED, order_id.hex(), {"order_number": "17"}, time_ms)])

There is one writer, so whoever has read up to a number has read everything before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from tongbao.errors import RequestError
from tongbao.institutions.events.tables import event_horizons, events
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.event import EventData, EventKind, EventMessage
from tongbao.statements import Statement

__all__ = ["Event", "demand_kept", "event_message", "last_number", "read_events", "tell"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a wallet.

    Attributes:
        wallet_id: whose holder may know.
        kind: what happened.
        subject: what it happened to (an order's id, a payment request's), or ""; events of one subject are told in
            their order.
        data: what there is to say.
        time_ms: ledger time.
    """

    wallet_id: bytes
    kind: EventKind
    subject: str
    data: EventData
    time_ms: int


_INSERT = Statement(sa.insert(events))
_LAST = Statement("SELECT coalesce(max(number), 0) AS number FROM events")
_OF_WALLET = Statement(
    sa.select(events)
    .where(events.c.wallet_id == sa.bindparam("wallet"), events.c.number > sa.bindparam("after"))
    .order_by(events.c.number)
    .limit(sa.bindparam("count"))
)
_HORIZON = sa.select(event_horizons.c.gone_to).where(event_horizons.c.wallet_id == sa.bindparam("wallet"))


def tell(connection: sa.Connection, happened: Sequence[Event]) -> None:
    """Write events down, inside the write that makes them true."""
    _INSERT.run_many(
        connection,
        [
            {
                "wallet_id": each.wallet_id,
                "kind": each.kind.value,
                "subject": each.subject,
                "content": msgspec.json.encode(each.data).decode(),
                "time_ms": each.time_ms,
            }
            for each in happened
        ],
    )


def last_number(connection: sa.Connection) -> int:
    """The number of the newest event; 0 where nothing has happened."""
    return int(_LAST.all(connection, {})[0].number)


def read_events(connection: sa.Connection, wallet_id: bytes, *, after: int, count: int) -> list[EventMessage]:
    """What happened to a wallet after event `after`, oldest first."""
    rows = _OF_WALLET.all(connection, {"wallet": wallet_id, "after": after, "count": count})
    return [event_message(row) for row in rows]


def event_message(row: AnyRow) -> EventMessage:
    """The event in a row, as others are told of it."""
    return EventMessage(
        event_id=str(row.number),
        kind=EventKind(row.kind),
        wallet_id=row.wallet_id,
        subject=row.subject,
        time_ms=row.time_ms,
        data=msgspec.json.decode(row.content),
    )


def demand_kept(connection: sa.Connection, wallet_id: bytes, *, after: int) -> None:
    """Return unless an event of the wallet behind `after` is gone; who begins at the start begins with what is kept.

    Raises:
        RequestError: EVENTS_GONE.
    """
    gone_to = connection.execute(_HORIZON, {"wallet": wallet_id}).scalar_one_or_none()
    if after and gone_to is not None and after < gone_to:
        raise RequestError(
            f"events up to {gone_to} are no longer kept, and this reader has read up to {after}",
            code="EVENTS_GONE",
            field="after",
            cure="begin anew without a cursor, and read from the wallet's history and the orders what happened before",
        )
