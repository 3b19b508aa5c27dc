"""What every journal promises, held against each: files of this machine, and real servers of NATS on it.

`docs/reference/journal.md` has the promises. Where `nats-server` is not installed, its half skips and says so.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.nats_servers import Cluster, running_cluster
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.nats_journal import NatsJournal
from tongbao.centres.registration.journal import (
    GROUP_BYTES_MAX,
    RECORD_BYTES_MAX,
    FenceLostError,
    Journal,
    JournalDamageError,
)
from tongbao.errors import InvariantError, StorageError

GENESIS = b"genesis of a test"

Open = Callable[[int], Coroutine[Any, Any, Journal]]
"""Opens the test's journal, again and again; takes the last sequence that is known to be acknowledged."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("nats"), 1) as cluster:
        yield cluster


@pytest.fixture(params=["file", "nats"])
async def open_journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """A journal of a network that has none yet; whatever was opened is closed at the end."""
    network_id, opened, disk = os.urandom(32), list[Journal](), FileDisk()

    async def opening(at_least_sequence: int) -> Journal:
        journal: Journal
        if request.param == "file":
            directory = str(tmp_path / "journal")
            journal = await FileJournal.open(
                disk, directory, network_id=network_id, entropy=os.urandom, at_least_sequence=at_least_sequence
            )
        else:
            place = request.getfixturevalue("cluster").place
            journal = await NatsJournal.open(
                place, network_id=network_id, entropy=os.urandom, at_least_sequence=at_least_sequence
            )
        opened.append(journal)
        return journal

    yield opening
    for journal in opened:
        await journal.close()
    disk.close()


async def records_of(journal: Journal, from_sequence: int = 0) -> list[bytes]:
    """All records from a sequence on, after seeing that their sequences have no hole."""
    records = [record async for record in journal.read(from_sequence)]
    assert [sequence for sequence, _ in records] == list(range(from_sequence, from_sequence + len(records)))
    return [payload for _, payload in records]


async def test_what_was_appended_is_read_in_order_also_after_a_new_opening(open_journal: Open) -> None:
    journal = await open_journal(-1)

    assert journal.last_sequence == -1
    assert await records_of(journal) == []
    assert await journal.append(0, [GENESIS]) == 0
    assert await journal.append(1, [b"batch 1", b"batch 2"]) == 2
    assert journal.last_sequence == 2
    assert await records_of(journal) == [GENESIS, b"batch 1", b"batch 2"]

    await journal.close()
    again = await open_journal(2)
    assert again.last_sequence == 2
    assert await records_of(again) == [GENESIS, b"batch 1", b"batch 2"]
    assert await again.append(3, [b"batch 3"]) == 3
    assert await records_of(again, 2) == [b"batch 2", b"batch 3"]


async def test_an_append_of_nothing_does_nothing(open_journal: Open) -> None:
    journal = await open_journal(-1)

    assert await journal.append(0, []) == -1
    assert await journal.append(0, [GENESIS]) == 0
    assert await journal.append(1, []) == 0
    assert await records_of(journal, 1) == []


async def test_a_writer_who_expects_another_sequence_has_lost_the_fence(open_journal: Open) -> None:
    journal = await open_journal(-1)
    await journal.append(0, [GENESIS])

    with pytest.raises(FenceLostError) as late:
        await journal.append(0, [b"again"])
    with pytest.raises(FenceLostError):
        await journal.append(0, [GENESIS])
    with pytest.raises(FenceLostError):
        await journal.append(2, [b"a hole"])

    assert (late.value.expected_sequence, late.value.next_sequence) == (0, 1)
    assert await records_of(journal) == [GENESIS]


async def test_of_two_appends_at_one_time_for_one_sequence_exactly_one_wins(open_journal: Open) -> None:
    journal = await open_journal(-1)

    outcomes = await asyncio.gather(journal.append(0, [b"one"]), journal.append(0, [b"two"]), return_exceptions=True)

    assert outcomes[0] == 0
    assert isinstance(outcomes[1], FenceLostError)
    assert await records_of(journal) == [b"one"]


async def test_records_of_no_bytes_or_too_many_are_the_callers_defect_and_change_nothing(open_journal: Open) -> None:
    journal = await open_journal(-1)
    await journal.append(0, [GENESIS])

    for group in (
        [b""],
        [bytes(RECORD_BYTES_MAX + 1)],
        [bytes(RECORD_BYTES_MAX)] * (GROUP_BYTES_MAX // RECORD_BYTES_MAX + 1),
    ):
        with pytest.raises(InvariantError):
            await journal.append(1, group)

    assert await records_of(journal) == [GENESIS]


async def test_the_largest_group_of_the_largest_records_is_kept_and_read(open_journal: Open) -> None:
    journal, random = await open_journal(-1), Random(1)
    group = [random.randbytes(RECORD_BYTES_MAX) for _ in range(GROUP_BYTES_MAX // RECORD_BYTES_MAX)]

    assert await journal.append(0, group) == len(group) - 1

    assert await records_of(journal) == group


async def test_any_record_can_be_the_first_that_is_read(open_journal: Open) -> None:
    journal, random = await open_journal(-1), Random(2)
    written = [random.randbytes(random.randint(1, 300)) for _ in range(50)]
    for first in range(0, 50, 5):
        await journal.append(first, written[first : first + 5])

    for sequence in (-1, 0, 1, 23, 49, 50, 90):
        assert await records_of(journal, max(sequence, 0)) == written[max(sequence, 0) :]


async def test_a_reader_sees_what_was_durable_when_it_began_while_the_writer_goes_on(open_journal: Open) -> None:
    journal = await open_journal(-1)
    await journal.append(0, [bytes([number]) for number in range(20)])

    seen = []
    async for sequence, _ in journal.read(0):
        seen.append(sequence)
        await journal.append(journal.last_sequence + 1, [b"later"])

    assert seen == list(range(20))
    assert journal.last_sequence == 39


async def test_a_journal_that_ends_before_what_was_acknowledged_is_damaged_and_stays_as_it_is(
    open_journal: Open,
) -> None:
    journal = await open_journal(-1)
    await journal.append(0, [GENESIS, b"batch 1"])
    await journal.close()

    with pytest.raises(JournalDamageError, match=r"the journal ends before record 2, and (record )?9 was acknowledged"):
        await open_journal(9)

    assert await records_of(await open_journal(1)) == [GENESIS, b"batch 1"]


async def test_a_closed_journal_takes_nothing(open_journal: Open) -> None:
    journal = await open_journal(-1)
    await journal.append(0, [GENESIS])
    await journal.close()
    await journal.close()

    with pytest.raises(StorageError, match="closed"):
        await journal.append(1, [b"late"])


@pytest.mark.parametrize("pause_s", [0.0, 0.0005, 0.002, 0.01])
async def test_an_append_that_nobody_waited_for_is_settled_by_the_next(open_journal: Open, pause_s: float) -> None:
    journal = await open_journal(-1)
    await journal.append(0, [GENESIS])
    first, second = [b"first 1", b"first 2"], [b"second"]

    attempt = asyncio.create_task(journal.append(1, first))
    await asyncio.sleep(pause_s)
    attempt.cancel()
    with suppress(asyncio.CancelledError):
        await attempt
    expected = journal.last_sequence + 1
    try:
        await journal.append(expected, second)
        added = second
    except FenceLostError:
        added = []

    found = await records_of(journal)
    assert found in ([GENESIS, *added], [GENESIS, *first[:1], *added], [GENESIS, *first, *added])
    assert await journal.append(len(found), [b"on"]) == len(found)
