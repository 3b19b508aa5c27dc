import pytest

from tests.journals import DIRECTORY, GENESIS, NETWORK_ID, SEGMENT, open_journal, written
from tongbao.adapters.followed_journal import FollowedJournal
from tongbao.centres.registration.journal import JournalDamageError
from tongbao.errors import ConfigurationError
from tongbao.simulation.disk import Platter

SMALL = 600


def follow(platter: Platter, *, network_id: bytes = NETWORK_ID) -> FollowedJournal:
    return FollowedJournal(platter.join(), DIRECTORY, network_id=network_id)


async def seen(journal: FollowedJournal, from_sequence: int = 0) -> list[tuple[int, bytes]]:
    return [record async for record in journal.read(from_sequence)]


async def test_a_record_counts_once_something_after_it_says_that_it_was_durable() -> None:
    platter = Platter(seed=0)
    writer = await open_journal(platter.mount())
    followed = follow(platter)

    await writer.append(0, [GENESIS])
    first = await seen(followed)
    await writer.append(1, [b"batch 1", b"batch 2"])
    second = await seen(followed)
    await writer.append(3, [b"batch 3"])
    third = await seen(followed, 1)

    assert first == []
    assert second == [(0, GENESIS)]
    assert third == [(1, b"batch 1"), (2, b"batch 2")]


async def test_what_a_power_failure_takes_back_was_never_shown() -> None:
    for seed in range(20):
        platter = Platter(seed=seed)
        writer = await open_journal(platter.join())
        await writer.append(0, [GENESIS])
        followed = follow(platter)
        platter.faults.sync_lies = True
        await writer.append(1, [b"batch 1" * 200])
        shown = await seen(followed)

        platter.part(-1, lose_power=True)

        assert shown == [(0, GENESIS)]
        assert await seen(follow(platter)) in ([], [(0, GENESIS)])


async def test_the_mark_of_a_writer_that_stops_shows_everything() -> None:
    platter = await written([[GENESIS], [b"batch 1"]], close=True)

    assert await seen(follow(platter)) == [(0, GENESIS), (1, b"batch 1")]


async def test_a_follower_goes_on_over_new_segments_from_where_it_was() -> None:
    platter = Platter(seed=0)
    writer = await open_journal(platter.mount(), segment_bytes_max=SMALL)
    followed = follow(platter)
    found: list[tuple[int, bytes]] = []

    for sequence in range(20):
        await writer.append(sequence, [bytes([sequence + 1]) * 150])
        found += await seen(followed, len(found))

    assert found == [(sequence, bytes([sequence + 1]) * 150) for sequence in range(19)]
    assert len([path for path in platter.paths() if path.endswith(".segment")]) > 3


async def test_durable_records_that_cannot_be_read_stop_a_follower() -> None:
    platter = await written([[GENESIS], [b"batch 1"], [b"batch 2"]], close=False)
    offset = platter.content(SEGMENT).index(b"batch 1")

    platter.flip_bit(SEGMENT, offset=offset, bit=0)

    with pytest.raises(JournalDamageError, match="checksum of record 1"):
        await seen(follow(platter))


async def test_a_sealed_segment_that_lost_its_end_stops_a_follower() -> None:
    groups = [[bytes([number + 1]) * 150] for number in range(8)]
    platter = await written(groups, close=True, segment_bytes_max=SMALL)

    platter.put(SEGMENT, platter.content(SEGMENT)[:-200])

    with pytest.raises(JournalDamageError):
        await seen(follow(platter))


async def test_what_is_being_written_is_no_damage() -> None:
    platter = await written([[GENESIS], [b"batch 1"], [b"batch 2"]], close=False)

    platter.put(SEGMENT, platter.content(SEGMENT)[:-3])

    assert await seen(follow(platter)) == [(0, GENESIS), (1, b"batch 1")]


async def test_another_networks_journal_is_refused() -> None:
    platter = await written([[GENESIS]], close=True)

    with pytest.raises(ConfigurationError, match="belongs to the network"):
        await seen(follow(platter, network_id=bytes(32)))


async def test_a_follower_changes_nothing_and_needs_no_lock() -> None:
    platter = await written([[GENESIS], [b"batch 1"]], close=False)
    before = {path: platter.content(path) for path in platter.paths()}

    await seen(follow(platter))

    assert {path: platter.content(path) for path in platter.paths()} == before
