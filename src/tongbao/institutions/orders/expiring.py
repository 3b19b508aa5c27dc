"""Tells merchants of orders that nobody paid in time, once nothing of them can settle any more."""

import logging
from collections.abc import Sequence

import sqlalchemy as sa

from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.looking import look_for_ever
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, orders, payments, settings, transactions
from tongbao.protocol.event import EventKind

__all__ = ["LOOK_S", "Expiring"]

LOOK_S = 5.0
"""How late a merchant may hear of it, beside the seconds in which ledger time stands still when nothing happens."""

_AT_ONCE = 500  # a page is read and told within a few milliseconds
_BOOKMARK = "expired orders"

_READ_BOOKMARK = sa.select(settings.c.value).where(settings.c.name == _BOOKMARK)
_WRITE_BOOKMARK = sa.text(
    "INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
# Own payments that were signed and have no outcome yet: until there is one, the order may turn out to be paid.
_ON_THE_WAY = (
    sa.exists()
    .where(
        payments.c.anchor == orders.c.anchor,
        payments.c.order_id == orders.c.order_id,
        transactions.c.subject == payments.c.payment_id,
        transactions.c.open == 1,
    )
    .label("on_the_way")
)
_DUE = (
    sa.select(
        orders.c.number,
        orders.c.order_id,
        orders.c.wallet_id,
        orders.c.order_number,
        orders.c.amount_fen,
        orders.c.expires_ms,
        _ON_THE_WAY,
    )
    .where(
        orders.c.paid_ms.is_(None),
        orders.c.cancelled_ms.is_(None),
        sa.tuple_(orders.c.expires_ms, orders.c.number)
        > sa.tuple_(sa.bindparam("told_ms"), sa.bindparam("told_number")),
        orders.c.expires_ms < sa.bindparam("seen_ms"),
    )
    .order_by(orders.c.expires_ms, orders.c.number)
    .limit(_AT_ONCE)
)

_log = logging.getLogger(__name__)


class Expiring:
    """Looks now and then for orders whose time has passed."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def run(self) -> None:
        """Look for ever; a task of its own."""
        clock = self._premises.ports.clock
        await look_for_ever(self._look, every_s=LOOK_S, clock=clock, log=_log, later="expired orders are told of")

    async def _look(self) -> None:
        while await self._tell_page():
            pass

    async def _tell_page(self) -> bool:
        """Tell of a page of orders; True where there may be more."""
        store = self._premises.ports.store
        place = await store.read(_bookmark)
        if place is None:
            # What expired before anybody was told of it is no news.
            place = (self._premises.ledger.seen_ms, 0)
            await store.write(lambda connection: _mark(connection, *place))
        due = await store.read(lambda connection: self._due(connection, place))
        if due:
            await store.write(lambda connection: self._tell(connection, due))
        return len(due) == _AT_ONCE

    def _due(self, connection: sa.Connection, place: tuple[int, int]) -> list[AnyRow]:
        """Orders that can no longer be paid, up to the first one of which that is not known yet."""
        # Everything that settled up to then is known here, and nothing of an order settles after it has expired.
        wanted = {"told_ms": place[0], "told_number": place[1], "seen_ms": self._premises.ledger.seen_ms}
        found: list[AnyRow] = []
        for row in connection.execute(_DUE, wanted):
            if row.on_the_way:
                break
            found.append(row)
        return found

    def _tell(self, connection: sa.Connection, due: Sequence[AnyRow]) -> None:
        time_ms = self._premises.ledger.time_ms
        tell(connection, [_event(row, time_ms) for row in due])
        _mark(connection, due[-1].expires_ms, due[-1].number)


def _event(row: AnyRow, time_ms: int) -> Event:
    subject = row.order_id.hex()
    return Event(
        row.wallet_id,
        EventKind.ORDER_EXPIRED,
        subject,
        {
            "order_id": subject,
            "order_number": row.order_number,
            "amount_fen": row.amount_fen,
            "expires_at_ms": row.expires_ms,
        },
        time_ms,
    )


def _bookmark(connection: sa.Connection) -> tuple[int, int] | None:
    found = connection.execute(_READ_BOOKMARK).scalar_one_or_none()
    if found is None:
        return None
    told_ms, _, number = bytes(found).decode().partition(" ")
    return int(told_ms), int(number)


def _mark(connection: sa.Connection, told_ms: int, number: int) -> None:
    connection.execute(_WRITE_BOOKMARK, {"name": _BOOKMARK, "value": f"{told_ms} {number}".encode()})
