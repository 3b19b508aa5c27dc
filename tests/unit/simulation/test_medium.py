from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tongbao.simulation.medium import SECTOR_BYTES, Inode, Names, survivors

OLD = b"o" * (4 * SECTOR_BYTES)
NEW = b"n" * (4 * SECTOR_BYTES)


def synced(content: bytes) -> Inode:
    inode = Inode()
    inode.write(0, content)
    inode.sync()
    return inode


def sectors_of(content: bytearray) -> str:
    """One letter per sector, or ? for one that is not all alike."""
    pieces = [content[start : start + SECTOR_BYTES] for start in range(0, len(content), SECTOR_BYTES)]
    return "".join(chr(piece[0]) if len(set(piece)) == 1 else "?" for piece in pieces)


def test_what_was_synced_survives_a_loss_of_power() -> None:
    for seed in range(50):
        inode = synced(b"kept")
        inode.lose_power(Random(seed))
        assert inode.seen == b"kept"


def test_any_of_the_sectors_that_waited_may_survive_and_each_is_whole() -> None:
    outcomes = set()
    for seed in range(400):
        inode = synced(OLD)
        inode.write(0, NEW)
        inode.lose_power(Random(seed))
        outcomes.add(sectors_of(inode.seen))

    assert outcomes == {f"{a}{b}{c}{d}" for a in "on" for b in "on" for c in "on" for d in "on"}


def test_a_file_that_grew_may_be_old_whole_short_or_full_of_zeros() -> None:
    outcomes = set()
    for seed in range(400):
        inode = synced(OLD)
        inode.write(len(OLD), NEW)
        inode.lose_power(Random(seed))
        outcomes.add(sectors_of(inode.seen))

    assert {"oooo", "oooonnnn", "oooonn", "oooo\0\0\0\0", "oooo\0\0nn"} <= outcomes
    assert all(outcome.startswith("oooo") for outcome in outcomes)


def test_after_a_failed_sync_the_file_looks_written_and_a_second_sync_does_not_help() -> None:
    outcomes = set()
    for seed in range(100):
        inode = synced(OLD)
        inode.write(0, NEW)
        inode.fail_sync(Random(seed))
        assert inode.seen == NEW
        inode.sync()
        inode.lose_power(Random(seed))
        outcomes.add(sectors_of(inode.seen))

    assert {"oooo", "nnnn", "nnoo"} <= outcomes


def test_forgetting_what_is_seen_shows_the_medium_but_for_what_waits() -> None:
    nothing_survives = next(seed for seed in range(99) if survivors(range(8), Random(seed)) == [])
    inode = synced(OLD)
    inode.write(0, NEW)
    inode.fail_sync(Random(nothing_survives))
    inode.write(3 * SECTOR_BYTES, b"w" * SECTOR_BYTES)
    assert sectors_of(inode.seen) == "nnnw"

    inode.forget_seen()

    assert sectors_of(inode.seen) == "ooow"


def test_a_cut_that_was_not_synced_may_come_undone() -> None:
    outcomes = set()
    for seed in range(100):
        inode = synced(OLD)
        inode.truncate(SECTOR_BYTES + 1)
        assert inode.seen == OLD[: SECTOR_BYTES + 1]
        inode.lose_power(Random(seed))
        outcomes.add(len(inode.seen))

    assert outcomes == {len(OLD), SECTOR_BYTES + 1}


@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=2000) | st.none()), max_size=12))
def test_a_synced_file_is_on_the_medium_what_programs_see(changes: list[tuple[int, bytes | None]]) -> None:
    inode = Inode()
    expected = bytearray()
    for offset, data in changes:
        if data is None:
            inode.truncate(offset)
            del expected[offset:]
            expected.extend(bytes(offset - len(expected)))
        else:
            inode.write(offset, data)
            expected.extend(bytes(max(0, offset + len(data) - len(expected))))
            expected[offset : offset + len(data)] = data
        if offset % 2:
            inode.sync()
    inode.sync()

    assert inode.seen == inode.durable == expected


def test_names_survive_in_the_order_in_which_they_were_made() -> None:
    outcomes = set()
    for seed in range(100):
        names = Names()
        names.make("d/kept")
        names.sync("d")
        names.make("d/new")
        names.move("d/new", "d/final")
        names.remove("d/kept")
        assert sorted(names.seen) == ["d/final"]
        names.lose_power(Random(seed))
        outcomes.add(tuple(sorted(names.seen)))

    assert outcomes == {("d/kept",), ("d/kept", "d/new"), ("d/final", "d/kept"), ("d/final",)}


def test_each_directory_is_synced_for_itself() -> None:
    outcomes = set()
    for seed in range(50):
        names = Names()
        names.make("a/file")
        names.make("b/file")
        names.sync("a")
        names.lose_power(Random(seed))
        outcomes.add(tuple(names.seen))

    assert outcomes == {("a/file",), ("a/file", "b/file")}
