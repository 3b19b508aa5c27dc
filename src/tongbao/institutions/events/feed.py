"""Who waits for events: woken as soon as something is written about the wallet or the order that he waits for."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa

from tongbao.errors import BusyError
from tongbao.institutions.events.event_log import demand_kept, last_number, read_events
from tongbao.institutions.events.tables import events
from tongbao.institutions.ports import Clock, Store
from tongbao.protocol.event import EventMessage
from tongbao.statements import Statement

__all__ = ["EVENTS_WAIT_S_MAX", "EventFeed", "RingingStore", "Watcher"]

T = TypeVar("T")

EVENTS_WAIT_S_MAX = 300.0
"""How long a reader may wait: he proved who he is when he began, and keys change."""

WAITING_MAX = 500
"""Each is a request that somebody keeps open; a server answers a thousand at a time, and payments need the others."""

WAITING_FOR_ONE_MAX = 32
"""For one wallet's or one order's events: its devices, its tills and its customer's pages. Others' room is theirs."""

# Under load a look for news costs as much as a payment's statement, so writes gather for a moment.
_GATHER_S = 0.05
# Between two looks no more can have been written than payments settle in a few seconds.
_LOOK_ROWS = 2_000

Watcher = Callable[[Sequence[bytes]], None]
"""Told, in order, of the wallets to which something happened."""

_NEWS = Statement(
    sa.select(events.c.number, events.c.wallet_id, events.c.subject)
    .where(events.c.number > sa.bindparam("after"))
    .order_by(events.c.number)
    .limit(_LOOK_ROWS)
)


class EventFeed:
    """Looks for new events after writes, once for all who wait; where nobody does, it does not look."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._rung = asyncio.Event()
        self._place = 0
        self._waiting: dict[str, list[asyncio.Event]] = {}
        self._waiting_count = 0
        self._watchers: list[Watcher] = []
        self.released = False
        """Whether waiting is over, because nothing comes any more."""

    @property
    def _is_wanted(self) -> bool:
        return bool(self._waiting or self._watchers)

    def ring(self) -> None:
        """Something was written; it may have been an event."""
        if self._is_wanted:
            self._rung.set()

    def release(self) -> None:
        """Let everybody who waits go, because nothing comes any more."""
        self.released = True
        for heard in [heard for group in self._waiting.values() for heard in group]:
            heard.set()

    async def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` of everything that is written from now on, until `leave`."""
        await self._begin(lambda: self._watchers.append(watcher))

    def leave(self, watcher: Watcher) -> None:
        """Tell him nothing more."""
        self._watchers.remove(watcher)

    async def _begin(self, join: Callable[[], None]) -> None:
        """Join those who want news; the first one decides from where on there is any."""
        if not self._is_wanted:
            place = await self._store.read(last_number)
            # Somebody may have come first meanwhile, and what he has not heard of yet must not be passed over.
            if not self._is_wanted:
                self._place = place
        join()

    async def read(self, wallet_id: bytes, *, after: int, count: int, wait_s: float) -> list[EventMessage]:
        """What happened to the wallet after event `after`; where there is nothing, wait for it.

        Raises:
            RequestError: EVENTS_GONE where one behind `after` is no longer kept.
            BusyError: too many wait already.
        """
        await self.demand_kept(wallet_id, after=after)

        async def look() -> list[EventMessage]:
            return await self._store.read(
                lambda connection: read_events(connection, wallet_id, after=after, count=count)
            )

        return await self.until(wallet_id.hex(), look, wait_s=wait_s)

    async def demand_kept(self, wallet_id: bytes, *, after: int) -> None:
        """Return if every event of the wallet behind `after` is there to be read; raises EVENTS_GONE."""
        await self._store.read(lambda connection: demand_kept(connection, wallet_id, after=after))

    async def until(self, key: str, look: Callable[[], Awaitable[T]], *, wait_s: float) -> T:
        """What `look` finds; while that is nothing, look again at each event of a wallet or subject, for `wait_s`.

        Raises:
            BusyError: too many wait already.
        """
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + min(wait_s, EVENTS_WAIT_S_MAX)
        found = await look()
        if found or wait_s <= 0:
            return found
        self.demand_room(key)
        heard = asyncio.Event()
        await self._begin(lambda: self._waiting.setdefault(key, []).append(heard))
        with self._counted(key, heard):
            while True:
                heard.clear()
                found = await look()
                if found or self.released or now_s() >= until_s:
                    return found
                await _wait(heard, timeout_s=until_s - now_s())

    def demand_room(self, key: str) -> None:
        """Return if one more may wait for events of a wallet or a subject."""
        if len(self._waiting.get(key, ())) >= WAITING_FOR_ONE_MAX:
            raise BusyError(f"{WAITING_FOR_ONE_MAX} readers wait for these events already; ask again later")
        if self._waiting_count >= WAITING_MAX:
            raise BusyError(f"{WAITING_MAX} readers wait for events already; ask again later")

    @contextmanager
    def _counted(self, key: str, heard: asyncio.Event) -> Iterator[None]:
        self._waiting_count += 1
        try:
            yield
        finally:
            self._waiting_count -= 1
            group = self._waiting[key]
            group.remove(heard)
            if not group:
                del self._waiting[key]

    async def run(self) -> None:
        """Look for news for ever; a task of its own."""
        while True:
            await self._rung.wait()
            await self._clock.sleep(_GATHER_S)
            self._rung.clear()
            await self._look()

    async def _look(self) -> None:
        while self._is_wanted:
            rows = await self._store.read(lambda connection: _NEWS.all(connection, {"after": self._place}))
            if rows:
                self._place = rows[-1].number
                wallet_ids = dict.fromkeys([row.wallet_id for row in rows])
                keys = [*[wallet_id.hex() for wallet_id in wallet_ids], *dict.fromkeys([row.subject for row in rows])]
                self._tell(keys, list(wallet_ids))
            if len(rows) < _LOOK_ROWS:
                return

    def _tell(self, keys: Sequence[str], wallet_ids: Sequence[bytes]) -> None:
        for key in keys:
            for heard in self._waiting.get(key, ()):
                heard.set()
        for watcher in self._watchers:
            watcher(wallet_ids)


async def _wait(heard: asyncio.Event, *, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await heard.wait()
    except TimeoutError:
        pass


class RingingStore:
    """The Store port, which tells the feed of every write once it is durable."""

    def __init__(self, store: Store, feed: EventFeed) -> None:
        self._store = store
        self._feed = feed

    async def write(self, operation: Callable[[sa.Connection], T]) -> T:
        """Return what `operation` returned, once that is durable."""
        answer = await self._store.write(operation)
        self._feed.ring()
        return answer

    async def read(self, operation: Callable[[sa.Connection], T]) -> T:
        """Return what `operation` returned on one consistent state."""
        return await self._store.read(operation)
