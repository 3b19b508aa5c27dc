"""What waits to be sent to whom: events become deliveries, and each is due until an attempt succeeds.

Deliveries of one subject, such as an order, go out one after the other, so that a receiver hears of its payment before
its refund; others do not wait for them.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from tongbao.institutions.events.tables import events
from tongbao.institutions.tables import AnyRow
from tongbao.institutions.webhooks.tables import webhook_attempts, webhook_deliveries, webhook_endpoints
from tongbao.protocol.webhook import DeliveryState, EndpointState

__all__ = ["RETRY_S", "Queue"]

REPLAYED_FROM_MAX = 10_000
"""From an event on, so many wait again at a time: a commit of a tenth of a second, and an hour's work for a server."""

_SECOND, _MINUTE, _HOUR = 1, 60, 3600
RETRY_S = (
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""Pauses between attempts: the schedule that Standard Webhooks recommends, a little over three days."""

_REPLAYED_AT_ONCE = 1_000  # as many parameters as any statement takes

# A page of the log is read and queued within a few milliseconds.
_EVENTS_AT_ONCE = 500

_WAITS, _ACTIVE = DeliveryState.WAITING.value, EndpointState.ACTIVE.value

_ENDPOINT = sa.select(webhook_endpoints).where(
    webhook_endpoints.c.endpoint_id == sa.bindparam("endpoint"), webhook_endpoints.c.state == _ACTIVE
)
_NEW_EVENTS = (
    sa.select(events.c.number, events.c.kind, events.c.subject)
    .where(events.c.wallet_id == sa.bindparam("wallet"), events.c.number > sa.bindparam("told"))
    .order_by(events.c.number)
    .limit(_EVENTS_AT_ONCE)
)
_INSERT = sa.insert(webhook_deliveries)
_TOLD = (
    sa.update(webhook_endpoints)
    .where(webhook_endpoints.c.endpoint_id == sa.bindparam("endpoint"))
    .values(told=sa.bindparam("up_to"))
)
_earlier = webhook_deliveries.alias("earlier")
_DUE = (
    sa.select(webhook_deliveries, events.c.content, events.c.time_ms, events.c.wallet_id)
    .join(events, events.c.number == webhook_deliveries.c.event_number)
    .where(
        webhook_deliveries.c.endpoint_id == sa.bindparam("endpoint"),
        webhook_deliveries.c.state == _WAITS,
        webhook_deliveries.c.next_ms <= sa.bindparam("now_ms"),
        sa.not_(
            sa.exists().where(
                _earlier.c.endpoint_id == webhook_deliveries.c.endpoint_id,
                _earlier.c.subject == webhook_deliveries.c.subject,
                _earlier.c.subject != "",
                _earlier.c.state == _WAITS,
                _earlier.c.number < webhook_deliveries.c.number,
            )
        ),
    )
    .order_by(webhook_deliveries.c.number)
    .limit(sa.bindparam("count"))
)
_WITH_DUE = (
    sa.select(webhook_endpoints.c.endpoint_id)
    .where(
        webhook_endpoints.c.state == _ACTIVE,
        sa.exists().where(
            webhook_deliveries.c.endpoint_id == webhook_endpoints.c.endpoint_id,
            webhook_deliveries.c.state == _WAITS,
            webhook_deliveries.c.next_ms <= sa.bindparam("now_ms"),
        ),
    )
    .order_by(webhook_endpoints.c.number)
)
_DELIVERY = sa.update(webhook_deliveries).where(webhook_deliveries.c.number == sa.bindparam("delivery"))
_AGAIN = {"state": _WAITS, "attempts": 0, "next_ms": 0, "unreached": 0}
_REPLAY = (
    sa.update(webhook_deliveries).where(webhook_deliveries.c.endpoint_id == sa.bindparam("endpoint")).values(_AGAIN)
)
_REPLAY_NAMED = _REPLAY.where(webhook_deliveries.c.number.in_(sa.bindparam("numbers", expanding=True)))
_FROM = (
    sa.select(webhook_deliveries.c.number, webhook_deliveries.c.event_number)
    .where(
        webhook_deliveries.c.endpoint_id == sa.bindparam("endpoint"),
        webhook_deliveries.c.event_number >= sa.bindparam("first"),
    )
    .order_by(webhook_deliveries.c.number)
    .limit(REPLAYED_FROM_MAX + 1)
)
_PULL_FORWARD = (
    sa.update(webhook_deliveries)
    .where(
        webhook_deliveries.c.endpoint_id == sa.bindparam("endpoint"),
        webhook_deliveries.c.state == _WAITS,
        webhook_deliveries.c.unreached == 1,
    )
    .values(next_ms=0)
)
_GIVE_UP = (
    sa.update(webhook_deliveries)
    .where(webhook_deliveries.c.endpoint_id == sa.bindparam("endpoint"), webhook_deliveries.c.state == _WAITS)
    .values(state=DeliveryState.FAILED.value)
)
_LOG = sa.insert(webhook_attempts)


class Queue:
    """Reads and writes deliveries; everything here runs inside a read or a write of the store."""

    def endpoint(self, connection: sa.Connection, endpoint_id: bytes) -> AnyRow | None:
        """The endpoint, if it is active."""
        return connection.execute(_ENDPOINT, {"endpoint": endpoint_id}).one_or_none()

    def take_in(self, connection: sa.Connection, endpoint_id: bytes) -> bool:
        """Turn events that are new to an endpoint into deliveries; True where there may be more."""
        endpoint = self.endpoint(connection, endpoint_id)
        if endpoint is None:
            return False
        rows = connection.execute(_NEW_EVENTS, {"wallet": endpoint.wallet_id, "told": endpoint.told}).all()
        if not rows:
            return False
        kinds = endpoint.kinds.split()
        wanted = [row for row in rows if not kinds or row.kind in kinds]
        if wanted:
            connection.execute(_INSERT, [_new(endpoint_id, row) for row in wanted])
        connection.execute(_TOLD, {"endpoint": endpoint_id, "up_to": rows[-1].number})
        return len(rows) == _EVENTS_AT_ONCE

    def due(self, connection: sa.Connection, endpoint_id: bytes, *, now_ms: int, count: int) -> Sequence[AnyRow]:
        """Deliveries whose turn has come, oldest first, with what they tell; of each subject the first alone."""
        return connection.execute(_DUE, {"endpoint": endpoint_id, "now_ms": now_ms, "count": count}).all()

    def with_due(self, connection: sa.Connection, *, now_ms: int) -> list[bytes]:
        """The active endpoints for which something is due."""
        return list(connection.execute(_WITH_DUE, {"now_ms": now_ms}).scalars())

    def replay(
        self, connection: sa.Connection, endpoint_id: bytes, numbers: Sequence[int], *, from_event: int | None
    ) -> tuple[int, int | None]:
        """Let deliveries wait again, named by their numbers or by the first event.

        Returns how many, and where there are more than `REPLAYED_FROM_MAX` from an event on, the event to go on from.
        """
        count, following = 0, None
        if numbers:
            count += self._replay(connection, endpoint_id, numbers)
        if from_event is not None:
            rows = connection.execute(_FROM, {"endpoint": endpoint_id, "first": from_event}).all()
            following = rows[REPLAYED_FROM_MAX].event_number if len(rows) > REPLAYED_FROM_MAX else None
            found = [row.number for row in rows[:REPLAYED_FROM_MAX]]
            for start in range(0, len(found), _REPLAYED_AT_ONCE):
                count += self._replay(connection, endpoint_id, found[start : start + _REPLAYED_AT_ONCE])
        return count, following

    @staticmethod
    def _replay(connection: sa.Connection, endpoint_id: bytes, numbers: Sequence[int]) -> int:
        return connection.execute(_REPLAY_NAMED, {"endpoint": endpoint_id, "numbers": list(numbers)}).rowcount

    def give_up(self, connection: sa.Connection, endpoint_id: bytes) -> None:
        """Let nothing wait for an endpoint any more."""
        connection.execute(_GIVE_UP, {"endpoint": endpoint_id})

    def log(
        self, connection: sa.Connection, delivery: AnyRow, *, at_ms: int, took_ms: int, status: int | None, problem: str
    ) -> None:
        """Write an attempt down."""
        connection.execute(
            _LOG,
            {"delivery": delivery.number, "at_ms": at_ms, "took_ms": took_ms, "status": status, "problem": problem},
        )

    def delivered(self, connection: sa.Connection, delivery: AnyRow) -> None:
        """The receiver has it."""
        wanted = {"state": DeliveryState.DELIVERED.value, "attempts": delivery.attempts + 1, "unreached": 0}
        connection.execute(_DELIVERY.values(wanted), {"delivery": delivery.number})

    def failed(self, connection: sa.Connection, delivery: AnyRow, *, now_ms: int, unreached: bool) -> None:
        """Try again after the next pause; after the last one only a replay does."""
        given_up = delivery.attempts >= len(RETRY_S)
        wanted = {
            "state": DeliveryState.FAILED.value if given_up else _WAITS,
            "attempts": delivery.attempts + 1,
            "next_ms": now_ms if given_up else now_ms + RETRY_S[delivery.attempts] * 1000,
            "unreached": int(unreached),
        }
        connection.execute(_DELIVERY.values(wanted), {"delivery": delivery.number})

    def pull_forward(self, connection: sa.Connection, endpoint_id: bytes) -> None:
        """The receiver answers again: what could not reach it need not wait any longer."""
        connection.execute(_PULL_FORWARD, {"endpoint": endpoint_id})


def _new(endpoint_id: bytes, event: AnyRow) -> dict[str, object]:
    return {
        "endpoint_id": endpoint_id,
        "event_number": event.number,
        "kind": event.kind,
        "subject": event.subject,
        "state": _WAITS,
        "attempts": 0,
        "next_ms": 0,
        "unreached": 0,
    }
