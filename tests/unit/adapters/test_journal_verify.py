import pytest

from tests.journals import DIRECTORY, GENESIS, NETWORK_ID, SEGMENT, open_journal, written
from tongbao.adapters.journal_verify import verify_journal
from tongbao.adapters.segment import HEADER_BYTES, RECORD_HEADER_BYTES
from tongbao.errors import ConfigurationError, PeerError, StorageError
from tongbao.simulation.disk import Platter

RECORDS = [GENESIS, *(bytes([number]) * 100 for number in range(1, 9))]


async def platter_of_records(*, close: bool = True) -> Platter:
    return await written([[record] for record in RECORDS], close=close, segment_bytes_max=500)


async def test_a_whole_journal_is_reported_with_its_numbers() -> None:
    platter = await platter_of_records()

    report = await verify_journal(platter.mount(), DIRECTORY)

    assert (report.damage, report.torn_tail, report.in_use) == (None, None, False)
    assert report.network_id == NETWORK_ID
    assert (report.records, report.last_sequence) == (9, 8)
    assert report.segments == sum(path.endswith(".segment") for path in platter.paths()) == 4
    assert report.payload_bytes == sum(map(len, RECORDS))


async def test_nothing_is_changed_by_verifying_not_even_a_torn_tail() -> None:
    platter = await platter_of_records(close=False)
    last = [path for path in platter.paths() if path.endswith(".segment")][-1]
    platter.put(last, platter.content(last) + b"torn")
    before = {path: platter.content(path) for path in platter.paths()}

    report = await verify_journal(platter.mount(), DIRECTORY)

    assert {path: platter.content(path) for path in platter.paths()} == before
    assert report.torn_tail is not None
    assert (report.torn_tail.file, report.torn_tail.cut_bytes, report.torn_tail.next_sequence) == (last, 4, 9)
    assert (report.damage, report.records) == (None, 9)


@pytest.mark.parametrize("sequence", range(1, 9))
async def test_the_first_damage_is_named_with_file_offset_meaning_and_cure(sequence: int) -> None:
    platter = await platter_of_records()
    path = next(path for path in platter.paths() if RECORDS[sequence] in platter.content(path))
    offset = platter.content(path).index(RECORDS[sequence])
    platter.flip_bit(path, offset=offset + 7, bit=1)

    report = await verify_journal(platter.mount(), DIRECTORY)

    assert report.damage is not None
    assert (report.damage.file, report.damage.offset) == (path, offset - RECORD_HEADER_BYTES)
    assert report.damage.reason == f"the checksum of record {sequence} does not match"
    assert "put this file back from a copy" in report.damage.cure
    assert (report.records, report.torn_tail) == (sequence, None)


async def test_a_damaged_first_header_leaves_the_network_unknown() -> None:
    platter = await platter_of_records()
    platter.flip_bit(SEGMENT, offset=30, bit=0)

    report = await verify_journal(platter.mount(), DIRECTORY)

    assert report.network_id is None
    assert report.damage is not None
    assert (report.damage.file, report.damage.offset, report.records) == (SEGMENT, 0, 0)


async def test_a_record_that_the_check_refuses_is_damage_at_its_place() -> None:
    def check(sequence: int, record: bytes) -> None:
        assert record == RECORDS[sequence]
        if sequence == 1:
            raise PeerError("it does not name its predecessor")

    report = await verify_journal((await platter_of_records()).mount(), DIRECTORY, check=check)

    assert report.damage is not None
    assert (report.damage.file, report.damage.offset) == (SEGMENT, HEADER_BYTES + RECORD_HEADER_BYTES + len(GENESIS))
    assert report.damage.reason == "record 1 is whole, but it does not name its predecessor"
    assert report.records == 1


async def test_the_check_sees_every_record_once_and_in_order() -> None:
    seen: list[tuple[int, bytes]] = []

    await verify_journal((await platter_of_records()).mount(), DIRECTORY, check=lambda *record: seen.append(record))

    assert seen == list(enumerate(RECORDS))


async def test_a_journal_in_use_can_be_verified_and_says_so() -> None:
    platter = await platter_of_records()
    journal = await open_journal(platter.mount())

    report = await verify_journal(platter.mount(), DIRECTORY)

    assert (report.in_use, report.records) == (True, 9)
    await journal.append(9, [b"next"])


async def test_verifying_lets_the_lock_go_again() -> None:
    platter = await platter_of_records()

    await verify_journal(platter.mount(), DIRECTORY)

    await open_journal(platter.mount())


async def test_a_copy_without_the_lock_file_is_verified_without_making_one() -> None:
    platter = await platter_of_records()
    await platter.mount().remove(lock := f"{DIRECTORY}/journal.lock")

    report = await verify_journal(platter.mount(), DIRECTORY)

    assert (report.records, report.in_use) == (9, False)
    assert lock not in platter.paths()


async def test_a_directory_without_a_journal_is_no_whole_journal() -> None:
    platter = Platter(seed=0)
    await platter.mount().make_directory(DIRECTORY)

    with pytest.raises(ConfigurationError, match="holds no journal"):
        await verify_journal(platter.mount(), DIRECTORY)
    with pytest.raises(ConfigurationError, match="No such file"):
        await verify_journal(platter.mount(), "elsewhere")


async def test_a_disk_that_fails_is_not_reported_as_a_damaged_journal() -> None:
    platter = await platter_of_records()
    platter.faults.error_at_calls = frozenset({platter.calls + 6})

    with pytest.raises(StorageError, match="Input/output"):
        await verify_journal(platter.mount(), DIRECTORY)
