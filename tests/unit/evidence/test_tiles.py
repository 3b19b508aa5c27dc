"""Tiles: their names, what each holds at every size of a log, and proofs made from nothing but tiles."""

from hashlib import sha256

import pytest

from tongbao.errors import RequestError
from tongbao.evidence.tiles import (
    ENTRIES,
    ENTRY_ROW_BYTES,
    Tile,
    TileTail,
    entry_row,
    hashes_in,
    leaves_of,
    node_in,
    tiles_of,
)
from tongbao.evidence.tree import (
    EMPTY_ROOT,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    leaf_hash,
    subtree_root,
    verify_consistency,
    verify_inclusion,
)

PATHS = {
    Tile(0, 1234067): "tile/0/x001/x234/067",
    Tile(0, 0): "tile/0/000",
    Tile(1, 1067, 43): "tile/1/x001/067.p/43",
    Tile(ENTRIES, 999): "tile/entries/999",
    Tile(ENTRIES, 1000, 1): "tile/entries/x001/000.p/1",
    Tile(7, 3, 255): "tile/7/003.p/255",
}


def entries(count: int) -> list[bytes]:
    """Entries of a log, each another."""
    return [sha256(number.to_bytes(4, "big")).digest() for number in range(count)]


def rows(count: int) -> bytes:
    """The same as rows of a bundle."""
    return b"".join(entry_row(entry) for entry in entries(count))


def written(size: int, *, step: int) -> tuple[TileTail, dict[Tile, bytes]]:
    """A log of that size that grew `step` entries at a time, and every tile that is then readable."""
    tail, tiles = TileTail(), dict[Tile, bytes]()
    everything = rows(size)
    for start in range(0, len(everything), step * ENTRY_ROW_BYTES):
        tiles.update(tail.extend(everything[start : start + step * ENTRY_ROW_BYTES]))
    return tail, {**tiles, **dict(tail.partial())}


@pytest.mark.parametrize(("tile", "path"), PATHS.items())
def test_a_tile_has_the_path_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/0",
        "tile/0/x000/001",
        "tile/8/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/001/000",
        "tile/0/../../state",
        "tile/0/000\n",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/" + "x999/" * 9 + "999",
    ],
)
def test_anything_else_is_the_path_of_no_tile(path: str) -> None:
    with pytest.raises(RequestError, match="not the path of a tile"):
        Tile.parse(path)


@pytest.mark.parametrize("step", [1, 7, 256, 1000])
def test_tiles_are_the_same_however_the_log_grew(step: int) -> None:
    size = 1000

    tail, tiles = written(size, step=step)

    assert tail.size == size
    leaves = [leaf_hash(entry) for entry in entries(size)]
    assert tail.root() == subtree_root(leaves)
    assert tiles == {
        **{Tile(0, n): b"".join(leaves[256 * n : 256 * n + 256]) for n in range(3)},
        **{Tile(ENTRIES, n): rows(size)[256 * 34 * n : 256 * 34 * (n + 1)] for n in range(3)},
        Tile(0, 3, 232): b"".join(leaves[768:]),
        Tile(ENTRIES, 3, 232): rows(size)[768 * 34 :],
        Tile(1, 0, 3): b"".join(subtree_root(leaves[256 * n : 256 * n + 256]) for n in range(3)),
    }


def test_the_sizes_of_the_specifications_example_are_met() -> None:
    # 70,000 entries: 273 full tiles and one of 112 at level 0, one full and one of 17 at level 1, one of 1 at level 2.
    _, tiles = written(70_000, step=10_000)

    by_level = {level: [tile for tile in tiles if tile.level == level] for level in (0, 1, 2)}
    assert sorted(tile.width for tile in by_level[0])[:2] == [112, 256]
    assert len(by_level[0]) == 274
    assert sorted(tile.width for tile in by_level[1]) == [17, 256]
    assert by_level[2] == [Tile(2, 0, 1)]
    assert all(len(content) == tile.size_bytes for tile, content in tiles.items())


def test_a_log_of_256_has_a_full_tile_and_a_partial_one_above() -> None:
    _, tiles = written(256, step=256)

    assert sorted(tiles) == [Tile(ENTRIES, 0), Tile(0, 0), Tile(1, 0, 1)]


def test_an_empty_log_has_no_tiles_and_the_root_of_nothing() -> None:
    tail = TileTail()

    assert tail.partial() == []
    assert tail.root() == EMPTY_ROOT


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700, 65_536 + 300])
def test_proofs_come_from_tiles_alone(size: int) -> None:
    tail, tiles = written(size, step=5000)
    leaves = [leaf_hash(entry) for entry in entries(size)]

    for index in {0, size // 2, size - 1}:
        read = {tile: tiles[tile] for tile in tiles_of(inclusion_nodes(index, size), size)}
        proof = inclusion_proof(index, size, node_in(read, size))

        verify_inclusion(leaves[index], proof, index=index, size=size, root=tail.root())
    for old_size in {1, size // 2 + 1, size}:
        read = {tile: tiles[tile] for tile in tiles_of(consistency_nodes(old_size, size), size)}
        proof = consistency_proof(old_size, size, node_in(read, size))

        old_root = subtree_root(leaves[:old_size])
        verify_consistency(proof, old_size=old_size, new_size=size, old_root=old_root, new_root=tail.root())


def test_a_log_goes_on_from_its_partial_tiles() -> None:
    whole, _ = written(700, step=700)
    first, tiles = written(300, step=300)
    partial = {tile.level: content for tile, content in first.partial()}

    tail = TileTail(300, [partial[0], partial[1]], partial[ENTRIES])
    tiles.update(tail.extend(rows(700)[300 * ENTRY_ROW_BYTES :]))

    assert tail.root() == whole.root()
    assert tail.partial() == whole.partial()


def test_an_entry_of_another_length_is_none() -> None:
    with pytest.raises(ValueError, match="has 32 bytes"):
        entry_row(b"short")


def test_leaves_are_the_hashes_of_the_entries() -> None:
    leaves = leaves_of(rows(3))

    assert hashes_in(leaves) == [leaf_hash(entry) for entry in entries(3)]
