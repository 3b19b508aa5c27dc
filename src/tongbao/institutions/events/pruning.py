"""Lets go of old events and of old deliveries of webhooks, a few at a time, and never of what somebody waits for.

An event stays as long as a delivery tells of it, and as long as a merchant's server has yet to hear of it. Whoever asks
for events behind one that is gone is told so, rather than that nothing happened.
"""

import logging
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from tongbao.institutions.events.event_log import last_number
from tongbao.institutions.events.tables import events
from tongbao.institutions.looking import look_for_ever
from tongbao.institutions.premises import Premises
from tongbao.institutions.webhooks.tables import webhook_attempts, webhook_deliveries, webhook_endpoints
from tongbao.protocol.webhook import DeliveryState, EndpointState

__all__ = ["LOOK_S", "Pruning"]

LOOK_S: Final = 600.0
"""What is a hundred days old may as well be ten minutes older."""

_AT_ONCE: Final = 1_000  # gone within some milliseconds, so that payments do not wait
_DAY_MS: Final = 86_400_000

_TIME_FROM = sa.select(events.c.time_ms).where(events.c.number >= sa.bindparam("place")).order_by(events.c.number)
_HAS_DELIVERY = sa.exists().where(webhook_deliveries.c.event_number == events.c.number)
_IS_AWAITED = sa.exists().where(
    webhook_endpoints.c.wallet_id == events.c.wallet_id,
    webhook_endpoints.c.state != EndpointState.REMOVED.value,
    webhook_endpoints.c.told < events.c.number,
)
_OLD_EVENTS = (
    sa.select(events.c.number, events.c.wallet_id)
    .where(events.c.number < sa.bindparam("young"), sa.not_(_HAS_DELIVERY), sa.not_(_IS_AWAITED))
    .order_by(events.c.number)
    .limit(_AT_ONCE)
)
_OLD_DELIVERIES = (
    sa.select(webhook_deliveries.c.number)
    .where(
        webhook_deliveries.c.event_number < sa.bindparam("young"),
        webhook_deliveries.c.state != DeliveryState.WAITING.value,
        webhook_deliveries.c.number < sa.select(sa.func.max(webhook_deliveries.c.number)).scalar_subquery(),
    )
    .order_by(webhook_deliveries.c.event_number)
    .limit(_AT_ONCE)
)
_FORGET_EVENTS = sa.delete(events).where(events.c.number.in_(sa.bindparam("numbers", expanding=True)))
_FORGET_DELIVERIES = sa.delete(webhook_deliveries).where(
    webhook_deliveries.c.number.in_(sa.bindparam("numbers", expanding=True))
)
_FORGET_ATTEMPTS = sa.delete(webhook_attempts).where(
    webhook_attempts.c.delivery.in_(sa.bindparam("numbers", expanding=True))
)
_GONE = sa.text(
    "INSERT INTO event_horizons (wallet_id, gone_to) VALUES (:wallet, :gone_to) "
    "ON CONFLICT (wallet_id) DO UPDATE SET gone_to = excluded.gone_to"
)

_log = logging.getLogger(__name__)


class Pruning:
    """Looks now and then for what is old enough."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def run(self) -> None:
        """Look for ever; a task of its own."""
        clock = self._premises.ports.clock
        await look_for_ever(self.look, every_s=LOOK_S, clock=clock, log=_log, later="old events are let go of")

    async def look(self) -> None:
        """Let go of all that is old enough now, in as many writes as it takes."""
        retention = self._premises.settings.retention
        # Deliveries first: what they tell of can go with them.
        await self._forget(retention.deliveries_days, self._forget_deliveries)
        await self._forget(retention.events_days, self._forget_events)

    async def _forget(self, days: int, some: Callable[[sa.Connection, int], bool]) -> None:
        store, before_ms = self._premises.ports.store, self._premises.ledger.time_ms - days * _DAY_MS
        if not days:
            return
        young = await store.read(lambda connection: _first_from(connection, before_ms))
        while await store.write(lambda connection: some(connection, young)):
            pass

    def _forget_deliveries(self, connection: sa.Connection, young: int) -> bool:
        """Let some go; True where there may be more."""
        numbers = list(connection.execute(_OLD_DELIVERIES, {"young": young}).scalars())
        if numbers:
            connection.execute(_FORGET_ATTEMPTS, {"numbers": numbers})
            connection.execute(_FORGET_DELIVERIES, {"numbers": numbers})
        return len(numbers) == _AT_ONCE

    def _forget_events(self, connection: sa.Connection, young: int) -> bool:
        rows = connection.execute(_OLD_EVENTS, {"young": young}).all()
        if rows:
            gone = {row.wallet_id: row.number for row in rows}
            connection.execute(_GONE, [{"wallet": wallet, "gone_to": number} for wallet, number in gone.items()])
            connection.execute(_FORGET_EVENTS, {"numbers": [row.number for row in rows]})
        return len(rows) == _AT_ONCE


def _first_from(connection: sa.Connection, time_ms: int) -> int:
    """The first event that is not older than this: found by halves, since they are numbered as time goes on.

    It is the newest at the latest: a database gives the number behind its last row again if that row is gone.
    """
    low, high = 1, max(1, last_number(connection))
    while low < high:
        middle = (low + high) // 2
        found = connection.execute(_TIME_FROM.limit(1), {"place": middle}).scalar_one_or_none()
        if found is None or found >= time_ms:
            high = middle
        else:
            low = middle + 1
    return low
