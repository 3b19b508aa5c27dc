"""Batches in time: what moves ledger time, and what does not."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from tests.builders import (
    ALICE,
    BOB,
    CENTRE,
    GENESIS,
    GENESIS_TIME_MS,
    coin,
    control,
    genesis,
    issue,
    public_key,
    spend_of,
    transfer,
)
from tests.registration_world import CentreWorld, hand_in, issued, payment, settle_down, statuses
from tongbao.adapters.file_journal import FileJournal
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.centres.registration.journal import FenceLostError, UnsettledAppendError
from tongbao.coin import BatchKind, Limits, Transaction
from tongbao.coin.control import (
    ClockOperation,
)
from tongbao.errors import BusyError, DiskFullError, RefusedError, WorldError
from tongbao.protocol.registration import HeartbeatRequest, SubmissionAnswer

KEYS = [public_key(CENTRE)]
MINUTE_MS, DAY_MS = 60_000, 86_400_000


async def times(world: CentreWorld) -> list[tuple[BatchKind, int]]:
    """Kind and time of each batch, relative to genesis."""
    return [(each.header.kind, each.header.time_ms - GENESIS_TIME_MS) for each in await world.batches()]


async def test_ledger_time_follows_the_wall_clock_and_never_goes_back(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 2)
    await world.clock.advance(30_000)
    await hand_in(centre, [payment(made, 0, to=BOB)])
    await world.clock.advance(-25_000)
    await hand_in(centre, [payment(made, 1, to=BOB)])
    await centre.stop()

    money = [time_ms for kind, time_ms in await times(world) if kind == BatchKind.MONEY]

    assert money == [1_000, 31_000, 31_000]


async def test_a_quiet_ledger_goes_on_by_heartbeats(world: CentreWorld) -> None:
    centre = await world.open()

    for sequence in (2, 3, 4):
        await world.clock.advance(10_000)
        await centre.reach(sequence)
        await settle_down()
    status = await centre.status()

    assert (status.sequence, status.time_ms) == (4, GENESIS_TIME_MS + 31_000)
    await centre.stop()


async def test_a_busy_ledger_needs_no_heartbeats(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 3)
    for index in range(3):
        await world.clock.advance(4_000)
        await hand_in(centre, [payment(made, index, to=BOB)])

    await centre.stop()

    kinds = [kind for kind, _ in await times(world)]
    assert kinds == [BatchKind.HEARTBEAT, *[BatchKind.MONEY] * 4, BatchKind.HEARTBEAT]


async def test_a_stop_leaves_no_verdict_that_the_journal_does_not_name(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 1)
    await world.clock.advance(4_000)
    await hand_in(centre, [payment(made, 0, to=BOB)])

    await centre.stop()

    [*_, (money, paid_ms), (last, last_ms)] = await times(world)
    [*_, before, heartbeat] = await world.batches()
    assert (money, last) == (BatchKind.MONEY, BatchKind.HEARTBEAT)
    assert last_ms == paid_ms
    assert heartbeat.header.applied_sequence == before.header.sequence


async def test_a_stop_writes_nothing_where_every_verdict_is_named(world: CentreWorld) -> None:
    centre = await world.open()
    await issued(centre, 1)
    await centre.heartbeat(HeartbeatRequest(time_ms=GENESIS_TIME_MS + 1_000))

    await centre.stop()

    assert [kind for kind, _ in await times(world)] == [BatchKind.HEARTBEAT, BatchKind.MONEY, BatchKind.HEARTBEAT]


async def test_a_full_disk_does_not_keep_the_centre_from_stopping(world: CentreWorld) -> None:
    centre = await world.open()
    await issued(centre, 1)
    world.platter.faults.capacity_bytes = world.platter.used_bytes()

    await centre.stop()

    assert await centre.failed() is None
    assert [kind for kind, _ in await times(world)] == [BatchKind.HEARTBEAT, BatchKind.MONEY]


async def test_batches_that_follow_at_once_name_every_verdict_before_them(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, genesis=genesis(name="narrow", limits=Limits(batch_transactions_max=1)))
    domain, centre = world.domain, await world.open()
    made = issue([coin(10, owner=ALICE, salt=salt, domain=domain) for salt in range(3)], domain=domain)
    assert statuses(await hand_in(centre, [made], home=0, domain=domain)) == ["SETTLED"]
    paid = [
        transfer(
            [spend_of(made, index, owner=ALICE, salt=index, domain=domain)],
            [coin(10, owner=BOB, salt=index, domain=domain)],
            domain=domain,
        )
        for index in range(3)
    ]

    await asyncio.gather(*[hand_in(centre, [each], domain=domain) for each in paid])
    await centre.stop()

    batches = await world.batches()
    named = {each.header.applied_sequence for each in batches}
    assert [each.header.kind for each in batches].count(BatchKind.MONEY) == 4
    assert {each.header.sequence for each in batches if each.header.kind == BatchKind.MONEY} <= named
    await world.close()


class SlowJournal(FileJournal):
    """A journal that is being written for as long as a test says so."""

    gate: asyncio.Event
    started: asyncio.Event

    async def append(self, expected_sequence: int, batches: Sequence[bytes]) -> int:
        self.started.set()
        await self.gate.wait()
        return await super().append(expected_sequence, batches)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A centre whose journal has the payment `first` and is being given `second`, until the gate opens.

    Attributes:
        centre: the centre.
        made: what made the coins.
        gate: lets the journal write.
        first: somebody who waits for the answer to the payment with output 0.
        second: the same with output 1.
    """

    centre: RegistrationCentre
    made: Transaction
    gate: asyncio.Event
    first: "asyncio.Task[SubmissionAnswer]"
    second: "asyncio.Task[SubmissionAnswer]"


async def two_under_way(world: CentreWorld, monkeypatch: pytest.MonkeyPatch, *, coins: int) -> UnderWay:
    """Hand two payments in, each a group of its own."""
    gate, started = asyncio.Event(), asyncio.Event()
    gate.set()
    monkeypatch.setattr(SlowJournal, "gate", gate, raising=False)
    monkeypatch.setattr(SlowJournal, "started", started, raising=False)
    world.journal_class = SlowJournal
    centre = await world.open()
    made = await issued(centre, coins)
    gate.clear()
    started.clear()
    first = asyncio.create_task(hand_in(centre, [payment(made, 0, to=BOB)]))
    await started.wait()
    second = asyncio.create_task(hand_in(centre, [payment(made, 1, to=BOB)]))
    await settle_down()
    started.clear()
    gate.set()
    await asyncio.sleep(0)
    gate.clear()
    await started.wait()
    return UnderWay(centre, made, gate, first, second)


async def test_one_group_is_answered_while_the_next_is_written_and_every_verdict_is_named(
    world: CentreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = await two_under_way(world, monkeypatch, coins=4)
    centre, first, second = under_way.centre, under_way.first, under_way.second

    answered = statuses(await asyncio.wait_for(first, 5))
    is_waiting = not second.done()
    under_way.gate.set()

    assert (answered, is_waiting) == (["SETTLED"], True)
    assert statuses(await second) == ["SETTLED"]
    for index in (2, 3):
        assert statuses(await hand_in(centre, [payment(under_way.made, index, to=BOB)])) == ["SETTLED"]
    await centre.stop()
    batches = await world.batches()
    money = [each.header.sequence for each in batches if each.header.kind == BatchKind.MONEY]
    assert money == [2, 3, 4, 5, 6]
    assert set(money) <= {each.header.applied_sequence for each in batches}


async def test_a_write_that_fails_leaves_the_group_before_it_answered(
    world: CentreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = await two_under_way(world, monkeypatch, coins=2)
    centre, first, second = under_way.centre, under_way.first, under_way.second
    world.platter.faults.capacity_bytes = world.platter.used_bytes()
    under_way.gate.set()

    assert statuses(await first) == ["SETTLED"]
    with pytest.raises(DiskFullError):
        await second
    world.platter.faults.capacity_bytes = 2**40
    assert statuses(await hand_in(centre, [payment(under_way.made, 1, to=BOB)])) == ["SETTLED"]
    await centre.stop()


async def test_a_clock_that_stands_behind_ledger_time_makes_no_heartbeats(world: CentreWorld) -> None:
    centre = await world.open()
    await centre.heartbeat(HeartbeatRequest(time_ms=GENESIS_TIME_MS + DAY_MS))

    await world.clock.advance(10_000)

    assert (await centre.status()).sequence == 2
    await centre.stop()


async def test_time_moves_by_heartbeats_alone_where_it_is_told_to(world: CentreWorld) -> None:
    world.follows_wall = False
    centre = await world.open()
    await issued(centre, 1)
    await world.clock.advance(DAY_MS)
    still = await centre.status()

    moved = await centre.heartbeat(HeartbeatRequest(time_ms=GENESIS_TIME_MS + 40 * DAY_MS))

    assert still.time_ms == GENESIS_TIME_MS
    assert moved.time_ms == GENESIS_TIME_MS + 40 * DAY_MS
    await centre.stop()


async def test_a_heartbeat_never_goes_back(centre: RegistrationCentre) -> None:
    with pytest.raises(RefusedError) as refused:
        await centre.heartbeat(HeartbeatRequest(time_ms=GENESIS_TIME_MS))

    assert refused.value.code == "HEARTBEAT_BACKWARDS"


async def test_after_days_of_standstill_officers_set_the_clock_before_money_moves(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, genesis=replace(GENESIS, test_network=False))
    domain = world.domain
    await world.clock.advance(3 * DAY_MS)
    centre = await world.open()
    stuck = await centre.status()
    now_ms = world.clock.now_ms()
    made = issue([coin(5, owner=ALICE, domain=domain)], domain=domain, expiry_ms=now_ms)

    with pytest.raises(WorldError, match="set the machine's clock if it is wrong"):
        await hand_in(centre, [made], home=0, domain=domain)
    clock = control(ClockOperation(now_ms), domain=domain, expiry_ms=stuck.time_ms + 1_000)
    set_clock = await hand_in(centre, [clock], home=0, domain=domain)
    after = await centre.status()

    assert stuck.time_ms == GENESIS_TIME_MS
    assert statuses(set_clock) == ["SETTLED"]
    assert after.time_ms == now_ms
    assert statuses(await hand_in(centre, [made], home=0, domain=domain)) == ["SETTLED"]
    settled_at = (await centre.status()).sequence
    for _ in range(2):
        await world.clock.advance(10_000)
    await centre.reach(settled_at + 1)
    assert (await centre.status()).time_ms == now_ms + 20_000
    await centre.stop()
    await world.close()


async def test_a_stuck_clock_makes_no_heartbeats(tmp_path: Path) -> None:
    world = CentreWorld(tmp_path, genesis=replace(GENESIS, test_network=False))
    centre = await world.open()

    await world.clock.advance(3 * DAY_MS)

    assert (await centre.status()).sequence == 1
    await centre.stop()
    await world.close()


class SilentJournal(FileJournal):
    """A journal whose machines do not answer for a while; what was sent to them may have arrived or not."""

    silent: ClassVar[bool] = False
    arrives: ClassVar[bool] = False
    _arrived: tuple[int, list[bytes]] | None = None

    async def append(self, expected_sequence: int, batches: Sequence[bytes]) -> int:
        attempt = (expected_sequence, list(batches))
        if self._arrived is not None and attempt != self._arrived:
            raise FenceLostError(expected_sequence=expected_sequence, next_sequence=self.last_sequence + 1)
        if self._arrived is None and (self.arrives or not self.silent):
            await super().append(expected_sequence, batches)
        if self.silent:
            self._arrived = attempt if self.arrives else None
            raise UnsettledAppendError("too few answer")
        self._arrived = None
        return self.last_sequence


@pytest.mark.parametrize("arrives", [False, True])
async def test_a_group_without_an_answer_is_settled_later_and_nothing_new_is_taken_before(
    world: CentreWorld,
    arrives: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world.journal_class = SilentJournal
    centre = await world.open()
    made = await issued(centre, 3)
    monkeypatch.setattr(SilentJournal, "silent", True)
    monkeypatch.setattr(SilentJournal, "arrives", arrives)

    with pytest.raises(UnsettledAppendError):
        await hand_in(centre, [payment(made, 0, to=BOB)])
    with pytest.raises(BusyError, match="takes nothing at the moment: too few answer"):
        await hand_in(centre, [payment(made, 1, to=BOB)])

    monkeypatch.setattr(SilentJournal, "silent", False)
    later = await hand_in(centre, [payment(made, 2, to=BOB)])
    again = await hand_in(centre, [payment(made, 0, to=BOB)])
    assert statuses(later) == statuses(again) == ["SETTLED"]
    assert later.sequence == 4  # after a heartbeat, the issue, and the payment without an answer
    await centre.stop()
    await world.close()
    reopened = await world.open()
    assert statuses(await hand_in(reopened, [payment(made, 0, to=BOB)])) == ["SETTLED"]
    await reopened.stop()


async def test_a_centre_that_stops_before_it_knows_leaves_it_to_the_next_start(
    world: CentreWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.journal_class = SilentJournal
    centre = await world.open()
    made = await issued(centre, 1)
    monkeypatch.setattr(SilentJournal, "silent", True)
    monkeypatch.setattr(SilentJournal, "arrives", True)
    with pytest.raises(UnsettledAppendError):
        await hand_in(centre, [payment(made, 0, to=BOB)])

    await centre.stop()
    await world.close()

    monkeypatch.setattr(SilentJournal, "silent", False)
    reopened = await world.open()
    assert statuses(await hand_in(reopened, [payment(made, 0, to=BOB)])) == ["SETTLED"]
    await reopened.stop()
