"""What waits, in which order it is taken, and how much of it may wait."""

import asyncio

import pytest

from tongbao.centres.registration.ledger_time import TimeRules
from tongbao.centres.registration.waiting import (
    CENTRAL_BANK_TRANSACTIONS_MAX,
    GROUP_BATCHES_MAX,
    WAITING_HOME_TRANSACTIONS_MAX,
    WAITING_TRANSACTIONS_MAX,
    Group,
    Heartbeat,
    Line,
    Pending,
    Room,
)
from tongbao.coin.batch import BATCH_BYTES_MAX, BatchKind
from tongbao.errors import BusyError, InvariantError, RefusedError, WorldError
from tongbao.kernel.rules import RULES

LAST_MS = 1_000_000_000
MINUTE_MS, DAY_MS = 60_000, 86_400_000
TIMES = TimeRules.of(RULES[1], test_network=False, follows_wall=True)


def pending(name: str, *, count: int = 1, controls: int = 0, size: int = 100, rules: int = 1) -> Pending:
    data = name.encode().ljust(size, b".")
    ids = tuple(f"{name} {number}".encode() for number in range(count))
    return Pending(data, 1, ids, controls, rules, None, asyncio.get_running_loop().create_future())


def heartbeat(time_ms: int | None) -> Heartbeat:
    return Heartbeat(time_ms, asyncio.get_running_loop().create_future())


def line_of(*items: Pending | Heartbeat, transactions_max: int = 4096) -> Line:
    line = Line(transactions_max=transactions_max)
    for item in items:
        line.add(item)
    return line


def take(line: Line, *, ahead_ms: int = 0, times: TimeRules = TIMES, batches_max: int = GROUP_BATCHES_MAX) -> Group:
    return line.take_group(times, last_ms=LAST_MS, wall_ms=LAST_MS + ahead_ms, rules=1, batches_max=batches_max)


def names(group: Group) -> list[list[str]]:
    """The submissions of each batch of money."""
    money = [draft for draft in group.drafts if draft.kind == BatchKind.MONEY]
    return [[each.data.decode().rstrip(".") for each in draft.submissions] for draft in money]


async def test_everything_that_waits_goes_into_one_batch_in_its_order() -> None:
    line = line_of(pending("a"), pending("b"), pending("c"))

    group = take(line)

    assert names(group) == [["a", "b", "c"]]
    assert not line.arrived.is_set()


async def test_control_goes_first_and_closes_its_group() -> None:
    line = line_of(pending("money"), pending("control 1", controls=1), pending("control 2", controls=1))

    first, second = take(line), take(line)

    assert names(first) == [["control 1", "control 2"]]
    assert names(second) == [["money"]]


async def test_no_control_follows_a_submission_that_ends_with_money() -> None:
    line = line_of(pending("mixed", count=2, controls=1), pending("control", controls=1))

    first, second = take(line), take(line)

    assert names(first) == [["mixed"]]
    assert names(second) == [["control"]]


async def test_a_batch_holds_no_more_transactions_than_genesis_allows() -> None:
    line = line_of(pending("a", count=3), pending("b", count=2), pending("c"), transactions_max=4)

    first, second = take(line), take(line)

    assert (names(first), names(second)) == ([["a"]], [["b", "c"]])


async def test_a_batch_holds_no_more_bytes_than_its_limit() -> None:
    line = line_of(pending("a", size=BATCH_BYTES_MAX // 2), pending("b", size=BATCH_BYTES_MAX // 2), pending("c"))

    first, second = take(line), take(line)

    assert (names(first), names(second)) == ([["a"]], [["b", "c"]])


async def test_the_largest_submission_fits_a_batch() -> None:
    line = line_of(pending("a", size=1000 * 1024))

    group = take(line)

    assert names(group) == [["a"]]


async def test_what_fits_into_no_batch_is_a_defect() -> None:
    line = line_of(pending("a", count=5), transactions_max=4)

    with pytest.raises(InvariantError, match="fits into no batch"):
        take(line)


async def test_a_group_holds_no_more_batches_than_a_writer_may_be_ahead() -> None:
    line = line_of(*[heartbeat(LAST_MS + number) for number in range(6)])

    first, second = take(line), take(line)

    assert [draft.time_ms - LAST_MS for draft in first.drafts] == [0, 1, 2, 3]
    assert [draft.time_ms - LAST_MS for draft in second.drafts] == [4, 5]


async def test_a_group_ends_where_it_is_told_to() -> None:
    line = line_of(heartbeat(LAST_MS + 1), heartbeat(LAST_MS + 2))

    group = take(line, batches_max=1)

    assert [draft.time_ms - LAST_MS for draft in group.drafts] == [1]


async def test_a_group_ends_with_its_first_money_so_that_the_next_one_names_its_verdicts() -> None:
    line = line_of(heartbeat(LAST_MS + 1), pending("a", count=4), pending("b", count=4), transactions_max=4)

    first, second = take(line), take(line)

    assert [draft.kind for draft in first.drafts] == [BatchKind.HEARTBEAT, BatchKind.MONEY]
    assert (names(first), names(second)) == ([["a"]], [["b"]])


async def test_money_after_a_long_pause_comes_behind_a_heartbeat_of_the_same_time() -> None:
    line = line_of(pending("a"))

    group = take(line, ahead_ms=10 * MINUTE_MS)

    assert [(draft.kind, draft.time_ms) for draft in group.drafts] == [
        (BatchKind.HEARTBEAT, LAST_MS + 10 * MINUTE_MS),
        (BatchKind.MONEY, LAST_MS + 10 * MINUTE_MS),
    ]


async def test_where_a_group_has_room_for_the_heartbeat_alone_the_rest_waits() -> None:
    line = line_of(pending("money"), pending("control", controls=1))

    group = take(line, ahead_ms=10 * MINUTE_MS, batches_max=1)

    assert [draft.kind for draft in group.drafts] == [BatchKind.HEARTBEAT]
    assert names(take(line)) == [["control"]]
    assert names(take(line)) == [["money"]]


async def test_with_a_stuck_clock_money_is_refused_and_control_passes_at_the_last_time() -> None:
    money = pending("money")
    line = line_of(money, pending("control", controls=1))

    first, second = take(line, ahead_ms=2 * DAY_MS), take(line, ahead_ms=2 * DAY_MS)

    assert [(draft.kind, draft.time_ms) for draft in first.drafts] == [(BatchKind.MONEY, LAST_MS)]
    assert second.drafts == []
    [(refused, error)] = second.refused
    assert refused is money
    assert isinstance(error, WorldError)
    assert not line.arrived.is_set()


async def test_a_heartbeat_stands_between_what_came_before_and_after_it() -> None:
    wish = heartbeat(LAST_MS + MINUTE_MS)
    line = line_of(pending("before"), wish, pending("after"))

    first, second = take(line, ahead_ms=5), take(line, ahead_ms=5)

    assert [(draft.kind, draft.time_ms) for draft in first.drafts] == [(BatchKind.MONEY, LAST_MS + 5)]
    assert [(draft.kind, draft.time_ms) for draft in second.drafts] == [
        (BatchKind.HEARTBEAT, LAST_MS + MINUTE_MS),
        (BatchKind.MONEY, LAST_MS + MINUTE_MS),
    ]
    assert next(second.waiting()) is wish


async def test_a_heartbeat_that_the_rules_do_not_let_is_refused_and_the_rest_goes_on() -> None:
    wish = heartbeat(LAST_MS - 1)
    line = line_of(wish, pending("after"))

    group = take(line)

    [(refused, error)] = group.refused
    assert refused is wish
    assert isinstance(error, RefusedError)
    assert names(group) == [["after"]]


async def test_a_heartbeat_without_a_time_takes_the_wall_clock() -> None:
    line = line_of(heartbeat(None))

    group = take(line, ahead_ms=7)

    assert [(draft.kind, draft.time_ms) for draft in group.drafts] == [(BatchKind.HEARTBEAT, LAST_MS + 7)]


async def test_what_other_rules_judged_is_to_be_sent_again() -> None:
    old = pending("old", rules=2)
    line = line_of(old, pending("new"))

    group = take(line)

    [(refused, error)] = group.refused
    assert refused is old
    assert isinstance(error, BusyError)
    assert names(group) == [["new"]]


async def test_draining_leaves_nothing() -> None:
    control, money = pending("control", controls=1), pending("money")
    line = line_of(money, control)

    drained = line.drain()

    assert drained == [control, money]
    assert line.drain() == []
    assert not line.arrived.is_set()


def test_one_home_takes_at_most_half_of_the_room() -> None:
    room = Room()
    room.take(1, WAITING_HOME_TRANSACTIONS_MAX)

    with pytest.raises(BusyError, match="home 1"):
        room.take(1, 1)
    room.take(2, WAITING_HOME_TRANSACTIONS_MAX)

    assert room.taken() == WAITING_TRANSACTIONS_MAX


def test_all_homes_together_take_no_more_than_there_is_and_the_central_bank_has_its_own() -> None:
    room = Room()
    for home in range(1, 5):
        room.take(home, WAITING_TRANSACTIONS_MAX // 4)

    with pytest.raises(BusyError):
        room.take(5, 1)
    room.take(0, CENTRAL_BANK_TRANSACTIONS_MAX)
    with pytest.raises(BusyError):
        room.take(0, 1)

    room.leave(4, 1)
    room.take(5, 1)


async def test_a_batch_ripens_only_while_others_are_being_judged() -> None:
    line = line_of(pending("first"))

    await asyncio.wait_for(line.ripen(60), 1)
    line.expect(8)
    growing = asyncio.create_task(line.ripen(60))
    await asyncio.sleep(0)
    is_waiting = not growing.done()
    line.add(pending("second", count=8))
    line.expect(-8)
    await asyncio.wait_for(growing, 1)

    assert is_waiting
    assert names(take(line)) == [["first", "second"]]


async def test_a_batch_that_is_full_or_holds_control_ripens_at_once() -> None:
    for item in (pending("large", count=4), pending("long", size=BATCH_BYTES_MAX), pending("control", controls=1)):
        line = line_of(transactions_max=4)
        line.expect(8)
        growing = asyncio.create_task(line.ripen(60))
        await asyncio.sleep(0)
        line.add(item)

        await asyncio.wait_for(growing, 1)
        await asyncio.wait_for(line.ripen(60), 1)


async def test_a_batch_ripens_for_no_longer_than_it_may() -> None:
    line = line_of(pending("first"))
    line.expect(8)

    await asyncio.wait_for(line.ripen(0.001), 1)

    assert names(take(line)) == [["first"]]
