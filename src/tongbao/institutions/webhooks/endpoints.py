"""Merchants' servers: named, changed, described, and what is on its way to them."""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from tongbao.errors import RequestError
from tongbao.institutions.events.event_log import last_number
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, merchants
from tongbao.institutions.webhooks.queue import Queue
from tongbao.institutions.webhooks.signing_secrets import WebhookSecrets
from tongbao.institutions.webhooks.tables import webhook_attempts, webhook_deliveries, webhook_endpoints
from tongbao.protocol.cursor import read_place
from tongbao.protocol.event import EventKind
from tongbao.protocol.outside import demand_url
from tongbao.protocol.webhook import (
    DeliveryState,
    EndpointState,
    WebhookAttempt,
    WebhookChange,
    WebhookDelivery,
    WebhookDeliveryPage,
    WebhookEndpoint,
    WebhookEndpoints,
    WebhookReplay,
    WebhookReplayAnswer,
    WebhookRequest,
    secret_text,
)

__all__ = ["ENDPOINTS_MAX", "Webhooks"]

ENDPOINTS_MAX = 8
"""Enough for a shop, its accountant and their tests; each is sent every event."""

_ENDPOINT_ID_BYTES = 16
_ATTEMPTS_SHOWN = 16  # more than a delivery has before somebody replays it

_WAITING = (
    sa.select(sa.func.count())
    .select_from(webhook_deliveries)
    .where(
        webhook_deliveries.c.endpoint_id == webhook_endpoints.c.endpoint_id,
        webhook_deliveries.c.state == DeliveryState.WAITING.value,
    )
    .scalar_subquery()
    .label("waiting")
)
_SELECT = sa.select(webhook_endpoints, _WAITING).where(webhook_endpoints.c.wallet_id == sa.bindparam("wallet"))
_LISTED = _SELECT.where(webhook_endpoints.c.state != EndpointState.REMOVED.value).order_by(webhook_endpoints.c.number)
_ONE = _SELECT.where(webhook_endpoints.c.endpoint_id == sa.bindparam("endpoint"))
_INSERT = sa.insert(webhook_endpoints)
_UPDATE = sa.update(webhook_endpoints).where(webhook_endpoints.c.endpoint_id == sa.bindparam("endpoint"))
_MERCHANT = sa.select(merchants.c.wallet_id).where(merchants.c.wallet_id == sa.bindparam("wallet"))
_DELIVERIES = (
    sa.select(webhook_deliveries)
    .where(
        webhook_deliveries.c.endpoint_id == sa.bindparam("endpoint"),
        webhook_deliveries.c.number < sa.bindparam("before"),
    )
    .order_by(webhook_deliveries.c.number.desc())
    .limit(sa.bindparam("count"))
)
_ATTEMPTS = (
    sa.select(webhook_attempts)
    .where(webhook_attempts.c.delivery.in_(sa.bindparam("deliveries", expanding=True)))
    .order_by(webhook_attempts.c.number)
)


class Webhooks:
    """What merchants ask about their servers; `changed` is told of each wallet whose servers are others now."""

    def __init__(self, premises: Premises, queue: Queue, changed: Callable[[bytes], None]) -> None:
        self._premises = premises
        self._queue = queue
        self._changed = changed
        self._secrets = WebhookSecrets(premises.secrets)

    async def create(self, wallet_id: bytes, request: WebhookRequest) -> WebhookEndpoint:
        """The server at a URL, told of what happens from now on; the same URL and kinds again are the same server.

        Raises:
            RequestError: WEBHOOK_URL, or CONFLICT where the server is there with other kinds.
        """
        demand_url(request.url, allowed=self._premises.settings.webhook_networks)
        endpoint_id = self._premises.secrets.derive("webhook endpoint", wallet_id, request.url.encode())
        endpoint_id = endpoint_id[:_ENDPOINT_ID_BYTES]
        row = await self._premises.ports.store.write(
            lambda connection: self._create(connection, wallet_id, endpoint_id, request)
        )
        self._changed(wallet_id)
        return self._describe(row)

    def _create(
        self, connection: sa.Connection, wallet_id: bytes, endpoint_id: bytes, request: WebhookRequest
    ) -> AnyRow:
        _demand_merchant(connection, wallet_id)
        named = {"wallet": wallet_id, "endpoint": endpoint_id}
        known = connection.execute(_ONE, named).one_or_none()
        if known is None or known.state == EndpointState.REMOVED:
            self._insert(connection, known, named, request)
        elif known.kinds != _kinds_text(request.kinds):
            raise RequestError(
                "this URL is told already, of other kinds of events",
                code="CONFLICT",
                field="kinds",
                cure="change the endpoint that there is (POST /v1/webhooks/{endpoint_id})",
            )
        return connection.execute(_ONE, named).one()

    def _insert(
        self, connection: sa.Connection, removed: AnyRow | None, named: dict[str, bytes], request: WebhookRequest
    ) -> None:
        if len(connection.execute(_LISTED, {"wallet": named["wallet"]}).all()) >= ENDPOINTS_MAX:
            raise RequestError(
                f"a merchant has at most {ENDPOINTS_MAX} endpoints", code="TOO_MANY", cure="remove one of them first"
            )
        row: dict[str, Any] = {
            "kinds": _kinds_text(request.kinds),
            "state": EndpointState.ACTIVE.value,
            "reason": "",
            "generation": 1 if removed is None else removed.generation + 1,
            "old_secret_until_ms": None,
            "failing_since_ms": None,
            "told": last_number(connection),
        }
        if removed is not None:
            connection.execute(_UPDATE.values(**row), {"endpoint": named["endpoint"]})
            return
        names = {"endpoint_id": named["endpoint"], "wallet_id": named["wallet"], "url": request.url}
        connection.execute(_INSERT, {**names, **row})

    async def list(self, wallet_id: bytes) -> WebhookEndpoints:
        """The merchant's servers."""

        def read(connection: sa.Connection) -> Sequence[AnyRow]:
            _demand_merchant(connection, wallet_id)
            return connection.execute(_LISTED, {"wallet": wallet_id}).all()

        rows = await self._premises.ports.store.read(read)
        return WebhookEndpoints(endpoints=[self._describe(row) for row in rows])

    async def find(self, wallet_id: bytes, endpoint_id: str) -> WebhookEndpoint:
        """One of the merchant's servers."""
        return self._describe(
            await self._premises.ports.store.read(lambda connection: _own(connection, wallet_id, endpoint_id))
        )

    async def change(self, wallet_id: bytes, endpoint_id: str, change: WebhookChange) -> WebhookEndpoint:
        """Make something otherwise."""
        wanted: dict[str, Any] = {}
        if change.kinds is not None:
            wanted["kinds"] = _kinds_text(change.kinds)
        if change.state is not None:
            wanted |= {"state": change.state.value, "reason": "", "failing_since_ms": None}
        return await self._update(wallet_id, endpoint_id, lambda _row: wanted)

    async def rotate(self, wallet_id: bytes, endpoint_id: str, *, generation: int) -> WebhookEndpoint:
        """A new secret in place of the one with that number; asked again, there is no newer one still."""
        until_ms = self._secrets.old_until_ms(now_ms=self._premises.ports.clock.now_ms())

        def rotated(row: AnyRow) -> dict[str, Any]:
            if row.generation != generation:
                return {}
            return {"generation": generation + 1, "old_secret_until_ms": until_ms}

        return await self._update(wallet_id, endpoint_id, rotated)

    async def _update(
        self, wallet_id: bytes, endpoint_id: str, changes: Callable[[AnyRow], dict[str, Any]]
    ) -> WebhookEndpoint:
        def write(connection: sa.Connection) -> AnyRow:
            row = _own(connection, wallet_id, endpoint_id)
            wanted = changes(row)
            if wanted:
                connection.execute(_UPDATE.values(**wanted), {"endpoint": row.endpoint_id})
            if wanted.get("state") == EndpointState.REMOVED:
                self._queue.give_up(connection, row.endpoint_id)
            return connection.execute(_ONE, {"wallet": wallet_id, "endpoint": row.endpoint_id}).one()

        row = await self._premises.ports.store.write(write)
        self._changed(wallet_id)
        return self._describe(row)

    async def deliveries(
        self, wallet_id: bytes, endpoint_id: str, *, state: DeliveryState | None, after: str, limit: int
    ) -> WebhookDeliveryPage:
        """What went to a server or is on its way, newest first, with every attempt."""
        wanted = _DELIVERIES if state is None else _DELIVERIES.where(webhook_deliveries.c.state == state.value)
        before = read_place(after, newest_first=True)

        def read(connection: sa.Connection) -> tuple[Sequence[AnyRow], Sequence[AnyRow]]:
            endpoint = _own(connection, wallet_id, endpoint_id).endpoint_id
            named = {"endpoint": endpoint, "before": before, "count": limit}
            rows = connection.execute(wanted, named).all()
            numbers = [row.number for row in rows]
            return rows, connection.execute(_ATTEMPTS, {"deliveries": numbers}).all() if numbers else []

        rows, attempts = await self._premises.ports.store.read(read)
        return WebhookDeliveryPage(
            deliveries=[_delivery(row, [each for each in attempts if each.delivery == row.number]) for row in rows],
            next=str(rows[-1].number) if len(rows) == limit else "",
        )

    async def replay(self, wallet_id: bytes, endpoint_id: str, request: WebhookReplay) -> WebhookReplayAnswer:
        """Let deliveries wait to be sent again."""
        numbers = [int(each) for each in request.delivery_ids]
        first = None if request.from_event is None else int(request.from_event)

        def write(connection: sa.Connection) -> tuple[int, int | None]:
            endpoint = _own(connection, wallet_id, endpoint_id).endpoint_id
            return self._queue.replay(connection, endpoint, numbers, from_event=first)

        count, following = await self._premises.ports.store.write(write)
        self._changed(wallet_id)
        return WebhookReplayAnswer(count=count, next_event="" if following is None else str(following))

    def _describe(self, row: AnyRow) -> WebhookEndpoint:
        return WebhookEndpoint(
            endpoint_id=row.endpoint_id.hex(),
            url=row.url,
            kinds=[EventKind(each) for each in row.kinds.split()],
            state=EndpointState(row.state),
            reason=row.reason,
            secret=secret_text(self._secrets.newest(row)),
            generation=row.generation,
            failing_since_ms=row.failing_since_ms,
            waiting=row.waiting,
        )


def _demand_merchant(connection: sa.Connection, wallet_id: bytes) -> None:
    if connection.execute(_MERCHANT, {"wallet": wallet_id}).first() is None:
        raise RequestError(
            "only merchants' servers are told of events",
            code="FORBIDDEN",
            cure="register the wallet as a merchant's first (POST /v1/merchants), or follow its events in a stream",
        )


def _own(connection: sa.Connection, wallet_id: bytes, endpoint_id: str) -> AnyRow:
    """The wallet's own endpoint; raises NOT_FOUND for any other."""
    try:
        identity = bytes.fromhex(endpoint_id)
    except ValueError:
        identity = b""
    row = connection.execute(_ONE, {"wallet": wallet_id, "endpoint": identity}).one_or_none()
    if row is None or row.state == EndpointState.REMOVED:
        raise RequestError(
            "the merchant has no such endpoint", code="NOT_FOUND", field="endpoint_id", cure="list the endpoints"
        )
    return row


def _kinds_text(kinds: Sequence[EventKind]) -> str:
    return " ".join(sorted({each.value for each in kinds}))


def _delivery(row: AnyRow, attempts: Sequence[AnyRow]) -> WebhookDelivery:
    state = DeliveryState(row.state)
    return WebhookDelivery(
        delivery_id=str(row.number),
        event_id=str(row.event_number),
        kind=EventKind(row.kind),
        subject=row.subject,
        state=state,
        attempts=row.attempts,
        next_at_ms=row.next_ms if state == DeliveryState.WAITING else None,
        log=[
            WebhookAttempt(at_ms=each.at_ms, took_ms=each.took_ms, status=each.status, problem=each.problem)
            for each in attempts[-_ATTEMPTS_SHOWN:]
        ],
    )
