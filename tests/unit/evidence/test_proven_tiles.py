"""Tiles that somebody else gives out: what is not under the signed checkpoint is refused, whichever tile it is in."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256

import pytest

from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.proven_tiles import ProvenTiles, ReadFile
from tongbao.evidence.tiles import ENTRIES, TILE_WIDTH, Tile, TileTail, entry_row
from tongbao.evidence.tree import EMPTY_ROOT, ProofInvalidError, leaf_hash

THREE_LEVELS = 65_536 + 2 * 256 + 3
SIZES = [1, 255, 256, 257, 1_700, 65_536, THREE_LEVELS]


def entry(number: int) -> bytes:
    """The entry with that number."""
    return sha256(b"%d" % number).digest()


@cache
def log_of(size: int) -> tuple[Mapping[str, bytes], Checkpoint]:
    """The hash tiles of a log, and its checkpoint."""
    tail = TileTail()
    tiles = [*tail.extend(b"".join(entry_row(entry(number)) for number in range(size))), *tail.partial()]
    files = {tile.path: content for tile, content in tiles if tile.level != ENTRIES}
    return files, Checkpoint("tongbao/ab", size, tail.root())


def reading(files: Mapping[str, bytes]) -> ReadFile:
    """Reads the files."""

    async def read(path: str) -> bytes | None:
        return files.get(path)

    return read


async def read_all(files: Mapping[str, bytes], checkpoint: Checkpoint) -> bytes:
    """Every leaf hash of the log, joined."""
    tiles = await ProvenTiles.open(reading(files), checkpoint)
    count = -(-checkpoint.size // TILE_WIDTH)
    return b"".join([await tiles.leaves(number) for number in range(count)])


@pytest.mark.parametrize("size", SIZES)
async def test_every_leaf_of_a_right_log_is_given(size: int) -> None:
    assert await read_all(*log_of(size)) == b"".join(leaf_hash(entry(number)) for number in range(size))


@pytest.mark.parametrize("earlier", [0, *SIZES, 40_000, 65_792])
async def test_the_root_that_the_log_had_at_an_earlier_size_comes_out_again(earlier: int) -> None:
    files, checkpoint = log_of(THREE_LEVELS)
    then = log_of(earlier)[1].root if earlier else EMPTY_ROOT

    tiles = await ProvenTiles.open(reading(files), checkpoint)

    assert await tiles.root(earlier) == then


@pytest.mark.parametrize("path", [path for path in log_of(THREE_LEVELS)[0] if "/0/" not in path or "25" in path])
async def test_a_bit_that_flipped_in_any_tile_is_found(path: str) -> None:
    files, checkpoint = log_of(THREE_LEVELS)
    content = files[path]
    bent = content[:-1] + bytes([content[-1] ^ 1])

    with pytest.raises(ProofInvalidError, match=path):
        await read_all({**files, path: bent}, checkpoint)


@pytest.mark.parametrize("tile", [Tile(0, 3), Tile(0, 258, 3), Tile(1, 0), Tile(1, 1, 2), Tile(2, 0, 1)])
async def test_a_tile_that_is_missing_or_short_is_named(tile: Tile) -> None:
    files, checkpoint = log_of(THREE_LEVELS)
    without = {path: content for path, content in files.items() if path != tile.path}

    with pytest.raises(ProofInvalidError, match=f"{tile.path}: the tile is missing"):
        await read_all(without, checkpoint)
    with pytest.raises(ProofInvalidError, match=f"{tile.path}: the tile has 31 bytes"):
        await read_all({**files, tile.path: files[tile.path][:31]}, checkpoint)


async def test_of_a_partial_tile_that_is_gone_the_full_one_is_read() -> None:
    _, checkpoint = log_of(1_700)
    grown, _ = log_of(65_536)

    leaves = await read_all(grown, checkpoint)

    assert leaves == (await read_all(*log_of(1_700)))


async def test_the_tiles_of_another_history_are_not_those_that_were_signed() -> None:
    files, _ = log_of(1_700)
    signed = Checkpoint("tongbao/ab", 1_700, bytes(32))

    with pytest.raises(ProofInvalidError, match="not the one that the checkpoint signs"):
        await ProvenTiles.open(reading(files), signed)
