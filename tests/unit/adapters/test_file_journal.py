import asyncio
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journals import DIRECTORY, GENESIS, NETWORK_ID, SEGMENT, dice, open_journal, records_of, written
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.segment import RECORD_HEADER_BYTES
from tongbao.centres.registration.journal import (
    GROUP_BYTES_MAX,
    RECORD_BYTES_MAX,
    FenceLostError,
    Journal,
    JournalDamageError,
    JournalLockedError,
)
from tongbao.errors import ConfigurationError, DiskFullError, InvariantError, StorageError
from tongbao.simulation.disk import Platter

# Fills real files up to a limit of the system, makes room, and goes on.
FILL = """
import asyncio, resource, sys
from tests.journals import dice
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal
from tongbao.errors import DiskFullError

async def main(directory):
    disk = FileDisk()
    journal = await FileJournal.open(disk, directory, network_id=bytes(32), entropy=dice(1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    refused = 0
    for number in range(20):
        try:
            await journal.append(journal.last_sequence + 1, [bytes([number + 1]) * 9_000])
        except DiskFullError:
            refused += 1
    print(journal.last_sequence, refused)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await journal.append(journal.last_sequence + 1, [b"room again"])
    await journal.close()
    disk.close()

asyncio.run(main(sys.argv[1]))
"""


async def test_what_was_appended_is_read_in_order_also_after_a_new_start() -> None:
    platter = Platter(seed=1)
    journal: Journal = await open_journal(platter.mount())

    assert journal.last_sequence == -1
    assert await journal.append(0, [GENESIS]) == 0
    assert await journal.append(1, [b"batch 1", b"batch 2"]) == 2
    assert await journal.append(3, []) == 2
    assert [record async for record in journal.read(1)] == [(1, b"batch 1"), (2, b"batch 2")]
    assert [record async for record in journal.read(3)] == []

    await journal.close()
    await journal.close()
    again = await open_journal(platter.mount())
    assert await records_of(again) == [GENESIS, b"batch 1", b"batch 2"]
    assert again.repair is None


async def test_a_group_commit_costs_one_sync_however_many_batches_it_has() -> None:
    platter = Platter(seed=1)
    journal = await open_journal(platter.mount())
    await journal.append(0, [GENESIS])
    syncs = platter.syncs

    await journal.append(1, [b"batch"] * 500)

    assert platter.syncs == syncs + 1


async def test_on_a_real_disk_too_it_costs_one_fdatasync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FileDisk()
    journal = await FileJournal.open(disk, str(tmp_path), network_id=NETWORK_ID, entropy=dice(1))
    await journal.append(0, [GENESIS])
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)

    for number in range(1, 4):
        await journal.append(journal.last_sequence + 1, [b"batch"] * 100)
        assert len(synced) == number

    monkeypatch.undo()
    await journal.close()
    disk.close()


async def test_a_writer_who_expects_another_sequence_has_lost_the_fence() -> None:
    journal = await open_journal(Platter(seed=1).mount())
    await journal.append(0, [GENESIS])

    with pytest.raises(FenceLostError) as late:
        await journal.append(0, [b"again"])
    with pytest.raises(FenceLostError):
        await journal.append(2, [b"a hole"])

    assert (late.value.expected_sequence, late.value.next_sequence) == (0, 1)
    assert await records_of(journal) == [GENESIS]


async def test_of_two_appends_at_one_time_for_one_sequence_exactly_one_wins() -> None:
    journal = await open_journal(Platter(seed=1).mount())

    outcomes = await asyncio.gather(journal.append(0, [b"one"]), journal.append(0, [b"two"]), return_exceptions=True)

    assert outcomes[0] == 0
    assert isinstance(outcomes[1], FenceLostError)
    assert await records_of(journal) == [b"one"]


async def test_a_second_opener_is_told_that_the_journal_is_locked() -> None:
    platter = Platter(seed=1)
    journal = await open_journal(platter.mount())

    with pytest.raises(JournalLockedError, match=r"journal\.lock is locked.*stop it first"):
        await open_journal(platter.mount())

    await journal.close()
    await open_journal(platter.mount())


async def test_a_failed_opening_leaves_no_lock_behind() -> None:
    platter = await written([[GENESIS]], close=True)

    with pytest.raises(JournalDamageError):
        await open_journal(platter.mount(), at_least_sequence=9)

    await open_journal(platter.mount())


async def test_the_directory_of_another_network_is_refused_by_name() -> None:
    platter = await written([[GENESIS]], close=True)

    with pytest.raises(ConfigurationError, match=f"belongs to the network {NETWORK_ID.hex()}"):
        await FileJournal.open(platter.mount(), DIRECTORY, network_id=bytes(32), entropy=dice(0))


async def test_segments_grow_to_their_limit_and_are_read_as_one_journal() -> None:
    batches = [bytes([number]) * 300 for number in range(1, 40)]
    platter = await written([[batch] for batch in batches], close=True, segment_bytes_max=1000)

    journal = await open_journal(platter.mount(), segment_bytes_max=1000)

    segments = [path for path in platter.paths() if path.endswith(".segment")]
    assert len(segments) == 20
    assert all(len(platter.content(path)) <= 1000 for path in segments)
    assert await records_of(journal) == batches
    assert await records_of(journal, 17) == batches[17:]


async def test_a_group_larger_than_a_segment_gets_a_segment_of_its_own() -> None:
    platter = await written([[GENESIS], [b"x" * 900] * 3, [b"after"]], close=True, segment_bytes_max=1000)

    journal = await open_journal(platter.mount())

    assert await records_of(journal) == [GENESIS, *[b"x" * 900] * 3, b"after"]


async def test_any_record_of_a_large_segment_is_found_without_reading_what_is_before_it() -> None:
    platter = Platter(seed=1)
    journal = await open_journal(platter.mount(), segment_bytes_max=1 << 30)
    for number in range(6):
        await journal.append(journal.last_sequence + 1, [number.to_bytes(4) * 250_000] * 8)

    for sequence in (0, 1, 17, 40, 47):
        calls = platter.calls
        found = await anext(reading := journal.read(sequence))
        await reading.aclose()
        assert found == (sequence, (sequence // 8).to_bytes(4) * 250_000)
        assert platter.calls - calls < 20


async def test_records_of_no_bytes_or_too_many_are_the_callers_defect_and_change_nothing() -> None:
    journal = await open_journal(Platter(seed=1).mount())
    await journal.append(0, [GENESIS])

    for group in (
        [b""],
        [bytes(RECORD_BYTES_MAX + 1)],
        [bytes(RECORD_BYTES_MAX)] * (GROUP_BYTES_MAX // RECORD_BYTES_MAX + 1),
    ):
        with pytest.raises(InvariantError):
            await journal.append(1, group)

    await journal.append(1, [bytes(RECORD_BYTES_MAX)])
    assert await records_of(journal) == [GENESIS, bytes(RECORD_BYTES_MAX)]


async def test_a_closed_journal_takes_nothing() -> None:
    journal = await open_journal(Platter(seed=1).mount())
    await journal.close()

    with pytest.raises(StorageError, match="closed"):
        await journal.append(0, [GENESIS])


async def test_a_reader_sees_what_was_durable_when_it_began_while_the_writer_goes_on() -> None:
    journal = await open_journal(Platter(seed=1).mount(), segment_bytes_max=500)
    for number in range(9):
        await journal.append(number, [bytes([number]) * 100])

    seen = []
    async for sequence, _ in journal.read(0):
        seen.append(sequence)
        await journal.append(journal.last_sequence + 1, [b"later" * 20])

    assert seen == list(range(9))


async def test_a_full_disk_refuses_new_records_and_resumes_when_there_is_room() -> None:
    platter = Platter(seed=1)
    journal = await open_journal(platter.mount())
    await journal.append(0, [GENESIS])
    size = len(platter.content(SEGMENT))
    platter.faults.capacity_bytes = platter.used_bytes() + 1000

    with pytest.raises(DiskFullError):
        await journal.append(1, [b"x" * 2000])
    calls = platter.calls
    with pytest.raises(DiskFullError, match="no room for 2000 bytes"):
        await journal.append(1, [b"x" * 2000])

    assert len(platter.content(SEGMENT)) == size
    assert platter.calls == calls
    platter.faults.capacity_bytes += 1_000_000
    await journal.append(1, [b"x" * 2000])
    platter.faults.capacity_bytes = platter.used_bytes() + 100  # once it worked, only the disk itself says no
    await journal.append(2, [b"y"])
    assert await records_of(journal) == [GENESIS, b"x" * 2000, b"y"]


@pytest.mark.parametrize("room", range(0, 1700, 7))
async def test_a_disk_that_is_full_at_any_byte_loses_nothing_and_leaves_nothing_behind(room: int) -> None:
    platter = Platter(seed=room)
    journal = await open_journal(platter.mount(), segment_bytes_max=600)
    batches = [bytes([number + 1]) * 150 for number in range(8)]
    platter.faults.capacity_bytes = room

    refused = 0
    for batch in batches:
        try:
            await journal.append(journal.last_sequence + 1, [batch])
        except DiskFullError:
            refused += 1
            durable = journal.last_sequence + 1
            assert await records_of(journal) == batches[:durable]
            platter.faults.capacity_bytes += 1 << 20
            await journal.append(durable, [batch])

    assert refused == 1
    assert await records_of(journal) == batches
    platter.lose_power()
    assert await records_of(await open_journal(platter.mount(), segment_bytes_max=600)) == batches


async def test_damage_met_while_reading_names_file_offset_and_cure() -> None:
    journal = await open_journal((platter := Platter(seed=1)).mount(), segment_bytes_max=500)
    for number in range(9):
        await journal.append(number, [bytes([number]) * 100])
    offset = platter.content(SEGMENT).index(bytes([1]) * 100)
    platter.flip_bit(SEGMENT, offset=offset + 50, bit=3)

    with pytest.raises(JournalDamageError, match=f"{SEGMENT} at byte {offset - RECORD_HEADER_BYTES}.*verify") as damage:
        await records_of(journal)

    assert damage.value.finding.offset == offset - RECORD_HEADER_BYTES
    assert await records_of(journal, 5) == [bytes([number]) * 100 for number in range(5, 9)]


async def test_a_sealed_segment_that_shrank_while_in_use_is_damage_to_its_readers() -> None:
    journal = await open_journal((platter := Platter(seed=1)).mount(), segment_bytes_max=500)
    for number in range(9):
        await journal.append(number, [bytes([number]) * 100])
    whole = platter.content(SEGMENT)
    end_of_first = whole.index(bytes(100)) + 100

    platter.put(SEGMENT, whole[:end_of_first])

    with pytest.raises(JournalDamageError, match="ends before record 1"):
        await records_of(journal)


def test_a_real_limit_of_the_system_is_a_full_disk_and_the_journal_resumes(tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY

    command = [sys.executable, "-W", "error", "-c", FILL, str(directory)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)

    last_sequence, refused = map(int, result.stdout.split())
    assert (last_sequence, refused) == (10, 9)

    async def reopened() -> list[bytes]:
        disk = FileDisk()
        journal = await FileJournal.open(disk, str(directory), network_id=bytes(32), entropy=dice(1))
        records = await records_of(journal)
        await journal.close()
        disk.close()
        return records

    assert asyncio.run(reopened()) == [*(bytes([number]) * 9_000 for number in range(1, 12)), b"room again"]
