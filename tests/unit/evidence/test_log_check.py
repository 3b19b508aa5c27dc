"""Reading a whole log: a flipped byte anywhere is found, in the file and at the place where it is."""

from hashlib import sha256
from random import Random

import pytest

from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.log_check import check_log, tiles_of_size
from tongbao.evidence.tiles import ENTRIES, ENTRY_ROW_BYTES, Tile, TileTail, entry_row

SIZE = 1_700
FLIPS = 200


def log_of(size: int) -> tuple[dict[str, bytes], Checkpoint]:
    """The files of a log, and its checkpoint."""
    tail = TileTail()
    rows = b"".join(entry_row(sha256(b"%d" % number).digest()) for number in range(size))
    tiles = [*tail.extend(rows), *tail.partial()]
    return {tile.path: content for tile, content in tiles}, Checkpoint("tongbao/ab", size, tail.root())


FILES, CHECKPOINT = log_of(SIZE)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1_700, 65_536 + 3])
def test_a_log_that_is_right_has_no_faults(size: int) -> None:
    files, checkpoint = log_of(size)

    check = check_log(files.get, checkpoint)

    assert (check.faults, check.entries, check.files) == ([], size, len(files))


@pytest.mark.parametrize("seed", range(FLIPS))
def test_a_flipped_bit_is_found_where_it_is(seed: int) -> None:
    dice = Random(seed)
    path = dice.choice(sorted(FILES))
    offset = dice.randrange(len(FILES[path]))
    content = bytearray(FILES[path])
    content[offset] ^= 1 << dice.randrange(8)

    check = check_log({**FILES, path: bytes(content)}.get, CHECKPOINT)

    # An entry is known by its hash alone, so the place of a change within it is the entry.
    places = {offset, offset // ENTRY_ROW_BYTES * ENTRY_ROW_BYTES + 2} if "entries" in path else {offset}
    assert any(fault.file == path and fault.offset in places for fault in check.faults), check.faults


def test_only_the_file_that_was_changed_is_blamed_where_the_others_agree() -> None:
    path = Tile(0, 2).path
    content = bytes([FILES[path][0] ^ 1]) + FILES[path][1:]

    check = check_log({**FILES, path: content}.get, CHECKPOINT)

    assert [(fault.file, fault.offset) for fault in check.faults] == [(path, 0)]


@pytest.mark.parametrize("tile", [Tile(0, 1), Tile(ENTRIES, 6, SIZE % 256), Tile(1, 0, 6)])
def test_a_file_that_is_missing_or_short_is_named(tile: Tile) -> None:
    missing = check_log({path: content for path, content in FILES.items() if path != tile.path}.get, CHECKPOINT)
    short = check_log({**FILES, tile.path: FILES[tile.path][:-5]}.get, CHECKPOINT)

    assert (tile.path, 0) in [(fault.file, fault.offset) for fault in missing.faults]
    assert (tile.path, tile.size_bytes - 5) in [(fault.file, fault.offset) for fault in short.faults]


def test_another_history_with_right_hashes_is_not_what_was_signed() -> None:
    other, _ = log_of(SIZE + 1)
    tail = TileTail()
    rows = b"".join(entry_row(sha256(b"other %d" % number).digest()) for number in range(SIZE))
    other = {tile.path: content for tile, content in [*tail.extend(rows), *tail.partial()]}

    check = check_log(other.get, CHECKPOINT)

    assert [(fault.file, fault.offset) for fault in check.faults] == [("checkpoint", 0)]


def test_a_level_has_the_tiles_of_its_size() -> None:
    assert list(tiles_of_size(600, 0)) == [Tile(0, 0), Tile(0, 1), Tile(0, 2, 88)]
    assert list(tiles_of_size(600, 1)) == [Tile(1, 0, 2)]
    assert list(tiles_of_size(0, 0)) == []
