import logging

import pytest

from tests.journals import DIRECTORY, GENESIS, NETWORK_ID, SEGMENT, open_journal, records_of, written
from tongbao.adapters.journal_recovery import TORN_KEPT
from tongbao.adapters.segment import HEADER_BYTES, RECORD_HEADER_BYTES, SegmentHeader
from tongbao.centres.registration.journal import JournalDamageError
from tongbao.errors import DiskFullError, StorageError
from tongbao.simulation.disk import CrashedError, Platter
from tongbao.simulation.medium import SECTOR_BYTES

GROUPS = [[GENESIS], [b"one" * 9, b"two" * 9], [b"three" * 9], [b"four" * 9, b"five" * 9]]
RECORDS = [record for group in GROUPS for record in group]
# Sequence of the first record of the last group: everything before it is known to be durable.
LAST_GROUP = len(RECORDS) - len(GROUPS[-1])


def places_of(records: list[bytes]) -> list[int]:
    """The offset of each record in a segment without marks, and the end."""
    places = [HEADER_BYTES]
    for record in records:
        places.append(places[-1] + RECORD_HEADER_BYTES + len(record))
    return places


PLACES = places_of(RECORDS)


@pytest.mark.parametrize("cut", range(1, PLACES[-1] - PLACES[LAST_GROUP] + 1))
async def test_a_last_group_that_is_cut_anywhere_is_a_torn_tail(cut: int) -> None:
    platter = await written(GROUPS, close=False)
    platter.put(SEGMENT, platter.content(SEGMENT)[:-cut])

    journal = await open_journal(platter.mount())

    whole = await records_of(journal)
    assert whole == RECORDS[: len(whole)]
    assert len(whole) >= LAST_GROUP
    if len(platter.content(SEGMENT)) == PLACES[-1] - cut:
        assert journal.repair is None
    else:
        assert journal.repair is not None
        assert journal.repair.next_sequence == len(whole)
        assert journal.repair.offset == PLACES[len(whole)] == len(platter.content(SEGMENT))
    await journal.append(len(whole), [b"more"])
    assert await records_of(journal) == [*whole, b"more"]


@pytest.mark.parametrize("offset", range(PLACES[-1]))
async def test_a_bit_that_flips_anywhere_before_the_last_group_is_damage_at_its_record(offset: int) -> None:
    platter = await written(GROUPS, close=False)
    platter.flip_bit(SEGMENT, offset=offset, bit=offset % 8)
    damaged = platter.content(SEGMENT)
    begins = max((place for place in PLACES if place <= offset), default=0)

    if offset < PLACES[LAST_GROUP]:
        with pytest.raises(JournalDamageError, match="verify") as damage:
            await open_journal(platter.mount())
        assert (damage.value.finding.file, damage.value.finding.offset) == (SEGMENT, begins)
        assert platter.content(SEGMENT) == damaged
    else:
        # Nothing in the journal can tell this from a write that never finished; see the next test.
        journal = await open_journal(platter.mount())
        assert journal.repair is not None
        assert journal.repair.offset == begins
        assert await records_of(journal) == RECORDS[: PLACES.index(begins)]


@pytest.mark.parametrize("offset", range(PLACES[LAST_GROUP], PLACES[-1]))
async def test_a_bit_that_flips_in_the_last_group_is_damage_to_who_knows_of_a_later_record(offset: int) -> None:
    platter = await written(GROUPS, close=False)
    platter.flip_bit(SEGMENT, offset=offset, bit=offset % 8)
    damaged = platter.content(SEGMENT)
    begins = max(place for place in PLACES if place <= offset)

    with pytest.raises(JournalDamageError, match=f"record {len(RECORDS) - 1} was acknowledged") as damage:
        await open_journal(platter.mount(), at_least_sequence=len(RECORDS) - 1)

    assert (damage.value.finding.file, damage.value.finding.offset) == (SEGMENT, begins)
    assert platter.content(SEGMENT) == damaged


@pytest.mark.parametrize("offset", range(PLACES[-1] + RECORD_HEADER_BYTES))
async def test_after_an_orderly_close_no_bit_of_any_record_can_flip_unseen(offset: int) -> None:
    platter = await written(GROUPS, close=True)
    platter.flip_bit(SEGMENT, offset=offset, bit=offset % 8)
    begins = max((place for place in PLACES if place <= offset), default=0)

    if offset < PLACES[-1]:
        with pytest.raises(JournalDamageError) as damage:
            await open_journal(platter.mount())
        assert damage.value.finding.offset == begins
    else:
        assert await records_of(await open_journal(platter.mount())) == RECORDS


@pytest.mark.parametrize("tail", [bytes(1), bytes(5000), b"garbage", bytes(40) + b"garbage" + bytes(9)])
async def test_whatever_stands_after_the_last_record_is_cut_off(tail: bytes, caplog: pytest.LogCaptureFixture) -> None:
    platter = await written(GROUPS, close=False)
    whole = platter.content(SEGMENT)
    platter.put(SEGMENT, whole + tail)

    with caplog.at_level(logging.WARNING):
        journal = await open_journal(platter.mount())

    assert platter.content(SEGMENT) == whole
    assert journal.repair is not None
    assert (journal.repair.offset, journal.repair.cut_bytes) == (len(whole), len(tail))
    assert f"cut off: {SEGMENT} has a torn tail of {len(tail)} bytes from byte {len(whole)} on" in caplog.text


async def test_a_torn_group_of_which_only_the_end_arrived_is_cut_off_whole() -> None:
    platter = await written(GROUPS, close=False)
    content = bytearray(platter.content(SEGMENT))
    start = PLACES[LAST_GROUP]
    content[start : start + 20] = bytes(20)
    platter.put(SEGMENT, bytes(content))

    assert await records_of(await open_journal(platter.mount())) == RECORDS[:LAST_GROUP]


async def test_records_that_were_cut_off_never_come_back_behind_the_next_ones() -> None:
    # Records that fill sectors, so that a new one can take the place of an old one and leave its neighbour whole.
    genesis = b"g" * (SECTOR_BYTES - HEADER_BYTES - RECORD_HEADER_BYTES)
    size = 2 * SECTOR_BYTES - RECORD_HEADER_BYTES
    for seed in range(60):
        platter = await written([[genesis], [b"1" * size, b"2" * size]], close=False)
        platter.random.seed(seed)
        content = platter.content(SEGMENT)
        platter.put(SEGMENT, content[:SECTOR_BYTES] + bytes(2 * SECTOR_BYTES) + content[3 * SECTOR_BYTES :])
        journal = await open_journal(platter.mount())
        assert journal.repair is not None
        platter.faults.crash_at_call = platter.calls + 2  # after the write, before its sync
        with pytest.raises(CrashedError):
            await journal.append(1, [b"3" * size])

        assert await records_of(await open_journal(platter.mount())) in ([genesis], [genesis, b"3" * size])


async def test_each_orderly_close_protects_what_was_appended_since_the_last() -> None:
    platter = await written([[GENESIS]], close=True)
    journal = await open_journal(platter.mount())
    await journal.append(1, [b"later"])
    await journal.close()
    size = len(platter.content(SEGMENT))
    await (await open_journal(platter.mount())).close()
    assert len(platter.content(SEGMENT)) == size

    platter.flip_bit(SEGMENT, offset=platter.content(SEGMENT).index(b"later"), bit=0)

    with pytest.raises(JournalDamageError, match="checksum of record 1"):
        await open_journal(platter.mount())


async def test_zeros_in_place_of_durable_records_are_damage_even_if_the_later_payload_never_arrived() -> None:
    platter = await written(GROUPS, close=False)
    content = bytearray(platter.content(SEGMENT))
    content[PLACES[3] : PLACES[LAST_GROUP]] = bytes(PLACES[LAST_GROUP] - PLACES[3])
    platter.put(SEGMENT, bytes(content[: PLACES[LAST_GROUP] + RECORD_HEADER_BYTES + 1]))

    with pytest.raises(JournalDamageError, match="zeros") as damage:
        await open_journal(platter.mount())

    assert damage.value.finding.offset == PLACES[3]


async def test_what_was_cut_off_is_kept_for_whoever_asks_but_not_for_ever() -> None:
    platter = await written([[GENESIS]], close=False)
    for number in range(1, TORN_KEPT + 3):
        platter.put(SEGMENT, platter.content(SEGMENT) + b"torn %d" % number)
        journal = await open_journal(platter.mount())
        await journal.append(number, [b"next"])
        platter.kill()

    kept = [path for path in platter.paths() if "/torn-" in path]
    assert [platter.content(path) for path in kept] == [b"torn 3", b"torn 4"]
    assert kept[-1] == f"{DIRECTORY}/torn-{4:020d}.bin"


async def test_a_torn_tail_is_cut_off_even_when_there_is_no_room_to_keep_it() -> None:
    platter = await written(GROUPS, close=False)
    platter.put(SEGMENT, platter.content(SEGMENT) + b"torn")
    platter.faults.capacity_bytes = platter.used_bytes()

    journal = await open_journal(platter.mount())

    assert await records_of(journal) == RECORDS
    with pytest.raises(DiskFullError):
        await journal.append(len(RECORDS), [b"x" * 999])


async def test_what_a_killed_writer_left_without_a_sync_is_made_durable_before_it_counts() -> None:
    for seed in range(20):
        platter = Platter(seed=seed)
        journal = await open_journal(platter.mount())
        await journal.append(0, [GENESIS])
        platter.faults.crash_keeps_power = True
        platter.faults.crash_at_call = platter.calls + 2  # after the write, before its sync
        with pytest.raises(CrashedError):
            await journal.append(1, [b"seen" * 900])

        seen = await records_of(await open_journal(platter.mount()))
        platter.lose_power()

        assert seen == [GENESIS, b"seen" * 900]
        assert await records_of(await open_journal(platter.mount())) == seen


async def test_a_disk_that_fails_at_any_call_of_an_opening_changes_nothing() -> None:
    platter = await written(GROUPS, close=False, segment_bytes_max=100)
    platter.put(last := platter.paths()[-1], platter.content(platter.paths()[-1]) + b"torn")
    for call in range(1, 200):
        platter.faults.error_at_calls = frozenset({platter.calls + call})
        try:
            journal = await open_journal(platter.mount())
        except StorageError:
            platter.kill()
            continue
        platter.faults.error_at_calls = frozenset()
        assert await records_of(journal) == RECORDS
        break
    else:
        pytest.fail(f"{last} never opened")
    assert call > 20


async def test_an_empty_directory_where_records_were_acknowledged_is_damage() -> None:
    with pytest.raises(JournalDamageError, match="record 3 was acknowledged") as damage:
        await open_journal(Platter(seed=0).mount(), at_least_sequence=3)

    assert damage.value.finding.file == SEGMENT


async def test_a_segment_left_unfinished_by_a_crash_is_removed() -> None:
    platter = await written([[GENESIS]], close=False)
    unfinished = f"{DIRECTORY}/journal-{1:020d}.segment.unfinished"
    platter.put(unfinished, b"TONG")

    await open_journal(platter.mount())

    assert unfinished not in platter.paths()


async def test_an_empty_last_segment_takes_the_next_records() -> None:
    platter = await written([[GENESIS]], close=True)
    header = SegmentHeader(1, NETWORK_ID, b"8 bytes!")
    platter.put(f"{DIRECTORY}/journal-{1:020d}.segment", header.encode())

    journal = await open_journal(platter.mount())

    await journal.append(1, [b"next"])
    assert await records_of(journal) == [GENESIS, b"next"]
