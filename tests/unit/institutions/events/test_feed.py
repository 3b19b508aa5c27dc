import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.registration_world import HandClock
from tongbao.adapters.migration import upgrade
from tongbao.adapters.store import SqlStore
from tongbao.errors import BusyError
from tongbao.institutions import migrations
from tongbao.institutions.events import feed as feed_module
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.events.feed import EventFeed, RingingStore
from tongbao.protocol.event import EventKind, EventMessage

ALICE, BOB = b"a" * 16, b"b" * 16
PATIENCE_S = 5.0


class _Told:
    """A feed at work over a database of its own."""

    def __init__(self, store: SqlStore) -> None:
        self.feed = EventFeed(store, HandClock(0))
        self.store = RingingStore(store, self.feed)

    async def tell(self, wallet_id: bytes, *, subject: str = "") -> None:
        event = Event(wallet_id, EventKind.PAYMENT_RECEIVED, subject, {"amount_fen": 1}, 1)
        await self.store.write(lambda connection: tell(connection, [event]))

    def reader(self, wallet_id: bytes, *, after: int = 0) -> "asyncio.Task[list[EventMessage]]":
        return asyncio.create_task(self.feed.read(wallet_id, after=after, count=10, wait_s=PATIENCE_S))


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[_Told]:
    store = SqlStore.open(f"sqlite:///{tmp_path}/events.sqlite", durable=False)
    upgrade(store.engine, migrations)
    told = _Told(store)
    work = asyncio.create_task(told.feed.run())
    yield told
    work.cancel()
    await store.close()


async def test_a_reader_who_waits_is_woken_by_an_event_of_his_wallet(told: _Told) -> None:
    reader = told.reader(ALICE)
    await asyncio.sleep(0.01)

    await told.tell(ALICE)

    [event] = await asyncio.wait_for(reader, PATIENCE_S / 2)
    assert event.event_id == "1"


async def test_what_happens_to_others_wakes_nobody(told: _Told) -> None:
    reader = told.reader(ALICE)
    await asyncio.sleep(0.01)

    await told.tell(BOB)
    await asyncio.sleep(0.2)

    assert not reader.done()
    reader.cancel()


async def test_an_event_between_two_readings_is_not_passed_over(told: _Told) -> None:
    seen: list[str] = []
    for number in range(1, 30):
        reader = told.reader(ALICE, after=number - 1)
        await asyncio.sleep(0)
        await told.tell(ALICE)
        seen += [event.event_id for event in await asyncio.wait_for(reader, PATIENCE_S / 2)]

    assert seen == [str(number) for number in range(1, 30)]


async def test_whoever_follows_a_subject_is_woken_by_it_alone(told: _Told) -> None:
    looked = 0

    async def look() -> bool:
        nonlocal looked
        looked += 1
        return False

    follower = asyncio.create_task(told.feed.until("order 1", look, wait_s=PATIENCE_S))
    await asyncio.sleep(0.01)
    before = looked
    await told.tell(ALICE, subject="order 2")
    await asyncio.sleep(0.1)
    between = looked
    await told.tell(ALICE, subject="order 1")
    await asyncio.sleep(0.1)

    assert (between - before, looked - between) == (0, 1)
    follower.cancel()


async def test_waiting_ends_with_its_time(told: _Told) -> None:
    found = await told.feed.read(ALICE, after=0, count=10, wait_s=0.05)

    assert found == []


async def test_a_watcher_hears_of_every_wallet_in_the_order_of_its_events_until_he_leaves(told: _Told) -> None:
    heard: list[bytes] = []

    def watch(wallet_ids: Sequence[bytes]) -> None:
        heard.extend(wallet_ids)

    await told.tell(BOB)
    await told.feed.watch(watch)
    await told.tell(ALICE)
    await told.tell(BOB)
    await asyncio.sleep(0.2)
    told.feed.leave(watch)
    await told.tell(ALICE)
    await asyncio.sleep(0.1)

    assert heard == [ALICE, BOB]


async def test_whoever_waits_is_let_go_before_the_institution_stops(told: _Told) -> None:
    reader = told.reader(ALICE)
    await asyncio.sleep(0.01)

    told.feed.release()

    assert await asyncio.wait_for(reader, PATIENCE_S / 2) == []


async def test_the_readers_of_one_wallet_leave_room_for_those_of_others(
    told: _Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "WAITING_FOR_ONE_MAX", 1)
    first = told.reader(ALICE)
    await asyncio.sleep(0.01)

    with pytest.raises(BusyError, match="wait for these events"):
        await told.feed.read(ALICE, after=0, count=10, wait_s=PATIENCE_S)
    second = told.reader(BOB)
    await asyncio.sleep(0.01)
    await told.tell(BOB)

    assert await asyncio.wait_for(second, PATIENCE_S / 2)
    first.cancel()


async def test_no_more_wait_than_there_is_room_for(told: _Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "WAITING_MAX", 1)
    first = told.reader(ALICE)
    await asyncio.sleep(0.01)

    with pytest.raises(BusyError, match="1 readers wait"):
        await told.feed.read(BOB, after=0, count=10, wait_s=PATIENCE_S)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    told.feed.demand_room(BOB.hex())
