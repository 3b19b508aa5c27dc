"""The files of the log: written, mended where they are torn, and partial ones dropped once they are full."""

import pytest

from tongbao.centres.registration.log_files import LogFiles, tiles_below
from tongbao.errors import DamageError
from tongbao.evidence.tiles import ENTRIES, Tile
from tongbao.simulation.disk import Platter

FULL = Tile(0, 1)
CONTENT = bytes(FULL.size_bytes)


async def test_of_a_partial_tile_that_is_gone_the_full_ones_beginning_is_read() -> None:
    platter = Platter(seed=0)
    files = LogFiles(platter.mount(), "log")
    partial = Tile(0, 1, 3)
    await files.write([(partial, CONTENT[: partial.size_bytes]), (FULL, CONTENT)])

    await files.drop_partial(FULL)

    assert platter.paths() == ["log/tile/0/001"]
    assert await files.read_at_least([partial]) == {partial: CONTENT[:96]}


async def test_a_tile_that_is_missing_is_damage() -> None:
    files = LogFiles(Platter(seed=0).mount(), "log")

    with pytest.raises(DamageError, match=r"tile/0/001\.p/3 is missing"):
        await files.read_at_least([Tile(0, 1, 3)])


async def test_only_what_is_wrong_is_mended() -> None:
    platter = Platter(seed=0)
    files = LogFiles(platter.mount(), "log")
    await files.write([(FULL, CONTENT)])
    assert await files.mend([(FULL, CONTENT)]) == 0

    platter.flip_bit("log/tile/0/001", offset=5, bit=0)

    assert await files.mend([(FULL, CONTENT)]) == 1
    assert platter.content("log/tile/0/001") == CONTENT


async def test_a_checkpoint_takes_the_place_of_the_one_before() -> None:
    files = LogFiles(Platter(seed=0).mount(), "log")
    await files.make()
    assert await files.published() is None

    await files.publish("one\n")
    await files.publish("two\n")

    assert await files.published() == b"two\n"


async def test_synced_tiles_survive_a_loss_of_power() -> None:
    platter = Platter(seed=3)
    files = LogFiles(platter.mount(), "log")
    await files.make()
    await files.write([(FULL, CONTENT)])

    await files.sync([FULL])
    platter.lose_power()

    assert await LogFiles(platter.mount(), "log").read(FULL) == CONTENT


def test_a_tile_of_level_one_stands_over_256_tiles_and_as_many_bundles() -> None:
    tiles = tiles_below(2)

    assert len(tiles) == 1 + 2 * 256
    assert {tiles[0], Tile(0, 512), Tile(ENTRIES, 767)} <= set(tiles)
