import asyncio
from pathlib import Path

import pytest

from tests.journals import GENESIS, NETWORK_ID, SEGMENT, dice, open_journal, records_of
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.segment import RECORD_HEADER_BYTES
from tongbao.centres.registration.journal import JournalDamageError
from tongbao.errors import StorageError
from tongbao.simulation.disk import Platter


async def test_after_a_failed_sync_the_file_is_read_again_before_anything_is_added() -> None:
    platter = Platter(seed=3)
    journal = await open_journal(platter.mount())
    await journal.append(0, [GENESIS])
    platter.faults.sync_fails = True
    with pytest.raises(StorageError, match="Input/output"):
        await journal.append(1, [b"lost" * 500])
    with pytest.raises(StorageError, match="Input/output"):
        await journal.append(1, [b"lost" * 500])

    platter.faults.sync_fails = False
    await journal.append(1, [b"kept" * 500])

    platter.lose_power()
    assert await records_of(await open_journal(platter.mount())) == [GENESIS, b"kept" * 500]


async def test_readers_never_see_what_a_failed_append_left_behind() -> None:
    platter = Platter(seed=3)
    journal = await open_journal(platter.mount())
    await journal.append(0, [GENESIS])
    size = len(platter.content(SEGMENT))
    platter.faults.sync_fails = True
    with pytest.raises(StorageError):
        await journal.append(1, [b"lost"])
    platter.put(SEGMENT, platter.content(SEGMENT)[:size] + b"left behind")

    assert await records_of(journal) == [GENESIS]


async def test_a_failed_sync_that_took_acknowledged_records_along_halts_the_journal_for_good() -> None:
    platter = Platter(seed=3)
    journal = await open_journal(platter.mount())
    await journal.append(0, [GENESIS])
    await journal.append(1, [b"acknowledged"])
    offset = len(platter.content(SEGMENT)) - 1
    platter.faults.sync_fails = True
    with pytest.raises(StorageError):
        await journal.append(2, [b"lost"])
    platter.faults.sync_fails = False
    platter.flip_bit(SEGMENT, offset=offset, bit=0)

    with pytest.raises(JournalDamageError) as first:
        await journal.append(2, [b"more"])
    platter.flip_bit(SEGMENT, offset=offset, bit=0)
    with pytest.raises(JournalDamageError):
        await journal.append(2, [b"more"])

    assert first.value.finding.file == SEGMENT
    assert first.value.finding.offset == offset + 1 - len(b"acknowledged") - RECORD_HEADER_BYTES


async def test_every_failing_call_during_an_append_is_survived_without_a_restart() -> None:
    batches = [bytes([number + 1]) * 200 for number in range(6)]
    for call in range(1, 60):
        platter = Platter(seed=call)
        journal = await open_journal(platter.mount(), segment_bytes_max=600)
        platter.faults.error_at_calls = frozenset({platter.calls + call})
        for batch in batches:
            try:
                await journal.append(journal.last_sequence + 1, [batch])
            except StorageError:
                await journal.append(journal.last_sequence + 1, [batch])
        platter.faults.error_at_calls = frozenset()
        assert await records_of(journal) == batches
        platter.lose_power()
        assert await records_of(await open_journal(platter.mount())) == batches


async def test_a_cancelled_append_is_taken_back_before_the_next_one() -> None:
    for turns in range(8):
        platter = Platter(seed=turns)
        journal = await open_journal(platter.mount())
        await journal.append(0, [GENESIS])

        append = asyncio.create_task(journal.append(1, [b"given up"]))
        for _ in range(turns):
            await asyncio.sleep(0)
        append.cancel()
        await asyncio.wait([append])
        next_sequence = journal.last_sequence + 1
        await journal.append(next_sequence, [b"next"])

        platter.lose_power()
        records = await records_of(await open_journal(platter.mount()))
        assert records in ([GENESIS, b"next"], [GENESIS, b"given up", b"next"])
        assert len(records) == next_sequence + 1


async def test_an_append_cancelled_on_a_real_disk_leaves_a_journal_that_goes_on(tmp_path: Path) -> None:
    disk = FileDisk()
    journal = await FileJournal.open(disk, str(tmp_path), network_id=NETWORK_ID, entropy=dice(1))
    await journal.append(0, [GENESIS])
    for number in range(30):
        append = asyncio.create_task(journal.append(journal.last_sequence + 1, [b"given up" * 1000]))
        await asyncio.sleep(number / 20_000)
        append.cancel()
        await asyncio.wait([append])
        await journal.append(journal.last_sequence + 1, [b"next"])
    last_sequence = journal.last_sequence
    await journal.close()

    again = await FileJournal.open(disk, str(tmp_path), network_id=NETWORK_ID, entropy=dice(1))

    assert again.repair is None
    assert len(await records_of(again)) == last_sequence + 1
    await again.close()
    disk.close()


async def test_damage_that_shows_while_a_failed_append_is_taken_back_is_told_at_once() -> None:
    platter = Platter(seed=3)
    journal = await open_journal(platter.mount())
    await journal.append(0, [GENESIS])
    platter.flip_bit(SEGMENT, offset=len(platter.content(SEGMENT)) - 1, bit=0)
    platter.faults.error_at_calls = frozenset({platter.calls + 1})

    with pytest.raises(JournalDamageError, match="checksum of record 0"):
        await journal.append(1, [b"more"])

    with pytest.raises(JournalDamageError):
        await journal.append(1, [b"more"])
