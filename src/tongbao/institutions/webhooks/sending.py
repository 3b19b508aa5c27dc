"""Sends what is due: at once when something happens, and again by the schedule until the receiver has it.

What is being sent is not marked in the database. After a crash it is sent again, with the same id.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec

import sqlalchemy as sa

from tongbao.errors import InvariantError, NetworkError, TongbaoError
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.events.feed import EventFeed
from tongbao.institutions.ports import Network
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow
from tongbao.institutions.webhooks.queue import Queue
from tongbao.institutions.webhooks.signing_secrets import WebhookSecrets
from tongbao.institutions.webhooks.tables import webhook_endpoints
from tongbao.protocol.event import EventKind
from tongbao.protocol.webhook import EndpointState, sign_webhook

__all__ = ["WebhookSender"]

P = ParamSpec("P")

TIMEOUT_S = 15.0
"""Standard Webhooks recommends 15 to 30 seconds; a receiver should write the message down and answer."""

DISABLE_AFTER_MS = 5 * 86_400_000
"""Five days without a single success: longer than the whole schedule and a long weekend."""

# To one receiver at a time: enough for a busy shop, few enough not to be a burden.
_PARALLEL_MAX = 4
# To all receivers together; more wait until one has been sent, and take its room by turns.
_SENDING_MAX = 64
_TICK_S = 1.0
_REASON_LENGTH_MAX = 200

_OK_FIRST, _OK_LAST, _REDIRECTS_LAST = 200, 299, 399
_GONE = 410  # by Standard Webhooks the receiver's way to say that it wants nothing more

_ACTIVE = (
    sa.select(webhook_endpoints.c.endpoint_id, webhook_endpoints.c.wallet_id)
    .where(webhook_endpoints.c.state == EndpointState.ACTIVE.value)
    .order_by(webhook_endpoints.c.number)
)
_SET = sa.update(webhook_endpoints).where(webhook_endpoints.c.endpoint_id == sa.bindparam("endpoint"))

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What came of one attempt; `status` is None where no answer came."""

    at_ms: int
    ended_ms: int
    status: int | None
    problem: str

    @property
    def succeeded(self) -> bool:
        return self.status is not None and _OK_FIRST <= self.status <= _OK_LAST


class WebhookSender:
    """Turns events into messages and sends them. Call `run` as a task."""

    def __init__(self, premises: Premises, queue: Queue, feed: EventFeed, outside: Network) -> None:
        self._premises = premises
        self._queue = queue
        self._feed = feed
        self._outside = outside
        self._secrets = WebhookSecrets(premises.secrets)
        # Active endpoints by wallet, so that events of all others cost nothing.
        self._active: dict[bytes, list[bytes]] = {}
        self._watching = False
        self._wanted = asyncio.Event()
        self._sending: dict[bytes, dict[int, None]] = {}
        # Those for whom there was no room, in the order in which they came.
        self._without_room: dict[bytes, None] = {}
        # Those whose events could not be taken in, so that the next tick does.
        self._behind: dict[bytes, None] = {}
        self._learning = asyncio.Lock()

    # --- what there is to do ------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take up what waits, and see to what falls due; a task of its own."""
        await self._learn()
        self._begin([endpoint for group in self._active.values() for endpoint in group])
        while True:
            await self._wanted.wait()
            await self._premises.ports.clock.sleep(_TICK_S)
            self._catch_up()
            await _logged(self._send_all_due)

    def _catch_up(self) -> None:
        behind, self._behind = list(self._behind), {}
        self._begin(behind)

    async def _send_all_due(self) -> None:
        now_ms = self._premises.ports.clock.now_ms()
        due = await self._premises.ports.store.read(lambda connection: self._queue.with_due(connection, now_ms=now_ms))
        for endpoint_id in due:
            await self._send_due(endpoint_id)

    def changed(self, wallet_id: bytes) -> None:
        """The endpoints of a wallet are others now, or something waits again."""
        self._premises.ports.spawn.task(_logged(self._changed, wallet_id), name="webhooks")

    async def _changed(self, wallet_id: bytes) -> None:
        await self._learn()
        self._begin(self._active.get(wallet_id, ()))

    async def _learn(self) -> None:
        """Read which endpoints are active, and follow the events if there are any."""
        # One after another: two readings that overtake each other would leave what was true before.
        async with self._learning:
            await self._learn_alone()

    async def _learn_alone(self) -> None:
        rows = await self._premises.ports.store.read(lambda connection: connection.execute(_ACTIVE).all())
        self._active = {}
        for row in rows:
            self._active.setdefault(row.wallet_id, []).append(row.endpoint_id)
        if self._active and not self._watching:
            self._watching = True
            self._wanted.set()
            await self._feed.watch(self._heard)
        elif self._watching and not self._active:
            self._watching = False
            self._wanted.clear()
            self._feed.leave(self._heard)

    def _heard(self, wallet_ids: Sequence[bytes]) -> None:
        for wallet_id in wallet_ids:
            self._begin(self._active.get(wallet_id, ()))

    def _begin(self, endpoint_ids: Sequence[bytes]) -> None:
        for endpoint_id in endpoint_ids:
            self._premises.ports.spawn.task(_logged(self._take_in, endpoint_id), name="webhooks")

    async def _take_in(self, endpoint_id: bytes) -> None:
        store = self._premises.ports.store
        try:
            while await store.write(lambda connection: self._queue.take_in(connection, endpoint_id)):
                pass
        except TongbaoError:
            # No event may come that would have it done.
            self._behind[endpoint_id] = None
            raise
        await self._send_due(endpoint_id)

    async def _send_due(self, endpoint_id: bytes) -> None:
        """Send as much as may be on its way at one time."""
        queue, now_ms = self._queue, self._premises.ports.clock.now_ms()

        def read(connection: sa.Connection) -> tuple[AnyRow | None, Sequence[AnyRow]]:
            return queue.endpoint(connection, endpoint_id), queue.due(
                connection, endpoint_id, now_ms=now_ms, count=2 * _PARALLEL_MAX
            )

        endpoint, due = await self._premises.ports.store.read(read)
        if endpoint is None:
            return
        sending = self._sending.setdefault(endpoint_id, {})
        # A receiver that has trouble is tried with one message at a time.
        parallel = _PARALLEL_MAX if endpoint.failing_since_ms is None else 1
        for delivery in due:
            if len(sending) >= parallel:
                break
            if sum(map(len, self._sending.values())) >= _SENDING_MAX:
                self._without_room[endpoint_id] = None
                break
            if delivery.number not in sending:
                sending[delivery.number] = None
                self._premises.ports.spawn.task(_logged(self._send, endpoint, delivery), name="webhook")
        if not sending:
            del self._sending[endpoint_id]

    # --- one message --------------------------------------------------------------------------------------------------

    async def _send(self, endpoint: AnyRow, delivery: AnyRow) -> None:
        endpoint_id = endpoint.endpoint_id
        try:
            attempt = await self._attempt(endpoint, delivery)
            disabled = await self._premises.ports.store.write(
                lambda connection: self._record(connection, endpoint_id, delivery, attempt)
            )
        finally:
            self._sent(endpoint_id, delivery)
        # Those who had no room come first, or slow receivers would pass it on to themselves for ever.
        for first in list(self._without_room)[:1]:
            del self._without_room[first]
            await self._send_due(first)
        if disabled:
            await self._learn()
        else:
            await self._send_due(endpoint_id)

    def _sent(self, endpoint_id: bytes, delivery: AnyRow) -> None:
        sending = self._sending.get(endpoint_id, {})
        sending.pop(delivery.number, None)
        if not sending:
            self._sending.pop(endpoint_id, None)

    async def _attempt(self, endpoint: AnyRow, delivery: AnyRow) -> _Attempt:
        clock = self._premises.ports.clock
        at_ms = clock.now_ms()
        body = _body(delivery)
        headers = {
            "content-type": "application/json",
            "user-agent": "Tongbao-Webhooks/1",
            **sign_webhook(
                self._secrets.signing(endpoint, now_ms=at_ms),
                webhook_id=f"evt_{self._premises.settings.home}_{delivery.event_number}",
                timestamp_s=at_ms // 1000,
                body=body,
            ),
        }
        try:
            answer = await self._outside.request("POST", endpoint.url, headers=headers, body=body, timeout_s=TIMEOUT_S)
        except NetworkError as error:
            return _Attempt(at_ms, clock.now_ms(), None, str(error)[:_REASON_LENGTH_MAX])
        return _Attempt(at_ms, clock.now_ms(), answer.status, _problem_of(answer.status))

    def _record(self, connection: sa.Connection, endpoint_id: bytes, delivery: AnyRow, attempt: _Attempt) -> bool:
        """Write an attempt down with what follows from it; True where the endpoint is told nothing more."""
        queue, now_ms = self._queue, attempt.ended_ms
        took_ms = now_ms - attempt.at_ms
        queue.log(
            connection, delivery, at_ms=attempt.at_ms, took_ms=took_ms, status=attempt.status, problem=attempt.problem
        )
        endpoint = queue.endpoint(connection, endpoint_id)
        if attempt.succeeded:
            queue.delivered(connection, delivery)
            if endpoint is not None and endpoint.failing_since_ms is not None:
                connection.execute(_SET.values(failing_since_ms=None), {"endpoint": endpoint_id})
                queue.pull_forward(connection, endpoint_id)
            return False
        queue.failed(connection, delivery, now_ms=now_ms, unreached=attempt.status is None)
        return endpoint is not None and self._count_failure(connection, endpoint, attempt)

    def _count_failure(self, connection: sa.Connection, endpoint: AnyRow, attempt: _Attempt) -> bool:
        since_ms = attempt.at_ms if endpoint.failing_since_ms is None else endpoint.failing_since_ms
        too_long = attempt.ended_ms - since_ms >= DISABLE_AFTER_MS
        if not too_long and attempt.status != _GONE:
            connection.execute(_SET.values(failing_since_ms=since_ms), {"endpoint": endpoint.endpoint_id})
            return False
        reason = "it answered 410" if attempt.status == _GONE else f"five days of failures, the last: {attempt.problem}"
        wanted = {"state": EndpointState.DISABLED.value, "reason": reason, "failing_since_ms": since_ms}
        connection.execute(_SET.values(wanted), {"endpoint": endpoint.endpoint_id})
        subject = endpoint.endpoint_id.hex()
        data = {"endpoint_id": subject, "url": endpoint.url, "reason": reason}
        time_ms = self._premises.ledger.time_ms
        tell(connection, [Event(endpoint.wallet_id, EventKind.WEBHOOK_DISABLED, subject, data, time_ms)])
        return True


async def _logged(work: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do it; what the world does not let happen now is still in the database, and the next tick sees to it."""
    try:
        await work(*args, **kwargs)
    except InvariantError:
        raise
    except TongbaoError as error:
        _log.warning("messages to merchants' servers wait: %s", error)


def _body(delivery: AnyRow) -> bytes:
    """The same bytes each time, so that a receiver may compare them."""
    moment = datetime.fromtimestamp(delivery.time_ms / 1000, UTC).isoformat(timespec="milliseconds")
    content = {
        "type": delivery.kind,
        "timestamp": moment.replace("+00:00", "Z"),
        "data": {
            "event_id": str(delivery.event_number),
            "wallet_id": delivery.wallet_id.hex(),
            "subject": delivery.subject,
            **json.loads(delivery.content),
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _problem_of(status: int) -> str:
    if _OK_FIRST <= status <= _OK_LAST:
        return ""
    if _OK_LAST < status <= _REDIRECTS_LAST:
        return f"it answered {status}, and redirects are not followed: name the place itself"
    return f"it answered {status}"
