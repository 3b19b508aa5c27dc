"""Tiles that are proven to be those of a signed checkpoint: each is held against the one above it, up to the root.

Whoever reads a log at somebody else's place believes nothing but the checkpoint's signature:

    tiles = await ProvenTiles.open(read, checkpoint)
    leaves = await tiles.leaves(3)                          # or raises ProofInvalidError
    assert await tiles.root(1_000) == root_at_that_time     # the log has only grown since then
"""

from collections.abc import Awaitable, Callable

from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, hashes_in, node_in, tile_with, tiles_of
from tongbao.evidence.tree import HASH_BYTES, ProofInvalidError, root_nodes, root_of_nodes, subtree_root

__all__ = ["ProvenTiles", "ReadFile"]

ReadFile = Callable[[str], Awaitable[bytes | None]]
"""What a file of the log holds, by its path; None where there is none."""


class ProvenTiles:
    """The hashes of a log, by its checkpoint, whose signature was verified before.

    Attributes:
        size: how many entries the checkpoint covers.
    """

    def __init__(self, read: ReadFile, size: int, last: dict[Tile, bytes]) -> None:
        """`last` are the tiles of which the root was found to follow; `open` finds them."""
        self.size = size
        self._read = read
        self._proven = last  # and of each other tile above the leaves, once it was asked for

    @staticmethod
    async def open(read: ReadFile, checkpoint: Checkpoint) -> "ProvenTiles":
        """The tiles under a checkpoint.

        Raises:
            ProofInvalidError: the last tile of a level is missing, or they have another root together.
        """
        size = checkpoint.size
        last = {tile: await _content(read, tile) for tile in tiles_of(root_nodes(size), size)}
        if root_of_nodes(size, node_in(last, size)) != checkpoint.root:
            names = ", ".join(tile.path for tile in last) or "no tile"
            raise ProofInvalidError(f"{names}: the root over them is not the one that the checkpoint signs")
        return ProvenTiles(read, size, last)

    async def leaves(self, number: int) -> bytes:
        """The leaf hashes, joined, of the tile with that number.

        Raises:
            ProofInvalidError: it is missing, or not the one that was signed.
        """
        return await self._tile(tile_with((0, number * TILE_WIDTH), self.size))

    async def root(self, size: int) -> bytes:
        """The root over the first `size` entries, which are at most as many as there are.

        Where it is what it was when the log had that size, the log has only grown since.

        Raises:
            ProofInvalidError: a tile for it is missing, or not the one that was signed.
        """
        tiles = {tile: await self._tile(tile) for tile in tiles_of(root_nodes(size), self.size)}
        return root_of_nodes(size, node_in(tiles, self.size))

    async def _tile(self, tile: Tile) -> bytes:
        if tile in self._proven:
            return self._proven[tile]
        above = await self._tile(tile_with((TILE_HEIGHT * (tile.level + 1), tile.number), self.size))
        content = await _content(self._read, tile)
        at = tile.number % TILE_WIDTH * HASH_BYTES
        if subtree_root(hashes_in(content)) != above[at : at + HASH_BYTES]:
            raise ProofInvalidError(f"{tile.path}: its hashes are not those that the checkpoint signs")
        if tile.level:
            self._proven[tile] = content
        return content


async def _content(read: ReadFile, tile: Tile) -> bytes:
    """What a tile holds; of a partial one that is gone, the beginning of the full one that took its place."""
    content = await read(tile.path)
    if content is None and not tile.is_full:
        whole = await read(Tile(tile.level, tile.number).path)
        content = None if whole is None else whole[: tile.size_bytes]
    if content is None:
        raise ProofInvalidError(f"{tile.path}: the tile is missing")
    if len(content) != tile.size_bytes:
        raise ProofInvalidError(f"{tile.path}: the tile has {len(content)} bytes, not {tile.size_bytes}")
    return content
