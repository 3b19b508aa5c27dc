"""Following a journal that another process writes."""

import pytest

from tests.journals import DIRECTORY, SEGMENT, open_journal
from tongbao.adapters.journal_follow import JournalFollower
from tongbao.centres.registration.journal import JournalDamageError
from tongbao.errors import ConfigurationError
from tongbao.simulation.disk import Platter


async def read_all(follower: JournalFollower) -> list[bytes]:
    return [record async for record in follower.read()]


async def test_each_record_is_read_once_however_often_one_looks() -> None:
    platter = Platter(seed=0)
    journal = await open_journal(platter.mount(), segment_bytes_max=300)
    follower = JournalFollower(platter.mount(), DIRECTORY)
    found = []

    for sequence in range(12):
        await journal.append(sequence, [b"record %d" % sequence * 5])
        found.append(await read_all(follower))

    assert found == [[b"record %d" % sequence * 5] for sequence in range(12)]
    assert len([path for path in platter.paths() if path.endswith(".segment")]) > 1
    assert await read_all(follower) == []


async def test_a_reader_that_stops_in_between_goes_on_where_it_stopped() -> None:
    platter = Platter(seed=0)
    journal = await open_journal(platter.mount())
    await journal.append(0, [b"a", b"b", b"c"])
    follower = JournalFollower(platter.mount(), DIRECTORY)

    async for record in follower.read():
        assert record == b"a"
        break

    assert await read_all(follower) == [b"b", b"c"]


async def test_what_is_half_written_is_read_once_it_is_whole() -> None:
    platter = Platter(seed=0)
    journal = await open_journal(platter.mount())
    await journal.append(0, [b"first"])
    before = platter.content(SEGMENT)
    await journal.append(1, [b"second"])
    whole = platter.content(SEGMENT)
    platter.put(SEGMENT, whole[: (len(before) + len(whole)) // 2])
    follower = JournalFollower(platter.mount(), DIRECTORY)
    assert await read_all(follower) == [b"first"]

    platter.put(SEGMENT, whole)

    assert await read_all(follower) == [b"second"]


async def test_damage_before_the_last_segment_is_told() -> None:
    platter = Platter(seed=0)
    journal = await open_journal(platter.mount(), segment_bytes_max=300)
    for sequence in range(12):
        await journal.append(sequence, [b"record %d" % sequence * 5])
    platter.flip_bit(SEGMENT, offset=120, bit=3)

    with pytest.raises(JournalDamageError):
        await read_all(JournalFollower(platter.mount(), DIRECTORY))


async def test_a_missing_segment_is_told() -> None:
    platter = Platter(seed=0)
    disk = platter.mount()
    journal = await open_journal(disk, segment_bytes_max=300)
    for sequence in range(12):
        await journal.append(sequence, [b"record %d" % sequence * 5])
    segments = [path for path in platter.paths() if path.endswith(".segment")]
    await disk.remove(segments[1])

    with pytest.raises(JournalDamageError, match="missing"):
        await read_all(JournalFollower(disk, DIRECTORY))


async def test_an_empty_directory_is_no_journal() -> None:
    disk = Platter(seed=0).mount()
    await disk.make_directory(DIRECTORY)

    with pytest.raises(ConfigurationError):
        await read_all(JournalFollower(disk, DIRECTORY))
