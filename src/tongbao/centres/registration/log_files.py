"""The files of the transparency log that everybody reads: tiles and the checkpoint, below one directory."""

from collections.abc import Collection, Sequence
from typing import Final

from tongbao.centres.registration.atomic_file import write_atomically
from tongbao.centres.registration.ports import Disk
from tongbao.errors import DamageError
from tongbao.evidence.tiles import ENTRIES, TILE_WIDTH, Tile

__all__ = ["CHECKPOINT", "COSIGNED", "LogFiles", "tiles_below"]

CHECKPOINT: Final = "checkpoint"
COSIGNED: Final = "checkpoint.cosigned"
FILES_WRITTEN: Final = 64  # at once; the disk serves others between


class LogFiles:
    """A log's directory."""

    def __init__(self, disk: Disk, directory: str) -> None:
        self._disk = disk
        self._directory = directory

    def path(self, name: str) -> str:
        """Where a file of the log lies."""
        return f"{self._directory}/{name}"

    async def make(self) -> None:
        """Make the directory, or find it there."""
        await self._disk.make_directory(self._directory)

    async def read(self, tile: Tile) -> bytes | None:
        """What a tile's file holds; None where there is none, or none of that length."""
        content = await self._disk.read_file(self.path(tile.path))
        return content if content is not None and len(content) == tile.size_bytes else None

    async def read_at_least(self, tiles: Collection[Tile]) -> dict[Tile, bytes]:
        """Tiles by name; of a partial one that is gone, the beginning of the full one that took its place.

        Raises:
            DamageError: neither is there.
        """
        found = {}
        for tile in tiles:
            content = await self.read(tile)
            if content is None and not tile.is_full:
                whole = await self.read(Tile(tile.level, tile.number))
                content = None if whole is None else whole[: tile.size_bytes]
            if content is None:
                raise DamageError(f"{self.path(tile.path)} is missing or has another length: start the centre again")
            found[tile] = content
        return found

    async def write(self, tiles: Sequence[tuple[Tile, bytes]]) -> None:
        """Write tiles; they are not durable, and follow from the journal."""
        for start in range(0, len(tiles), FILES_WRITTEN):
            part = tiles[start : start + FILES_WRITTEN]
            await self._disk.write_files([(self.path(tile.path), content) for tile, content in part])

    async def mend(self, tiles: Sequence[tuple[Tile, bytes]]) -> int:
        """Write the tiles that are not there as they should be; returns how many those were."""
        wrong = [
            (tile, content) for tile, content in tiles if await self._disk.read_file(self.path(tile.path)) != content
        ]
        await self.write(wrong)
        return len(wrong)

    async def sync(self, tiles: Collection[Tile]) -> None:
        """Bring tiles to the medium."""
        await self._disk.sync_files([self.path(tile.path) for tile in tiles], within=self._directory)

    async def drop_partial(self, tile: Tile) -> None:
        """Remove the narrower files of a tile that is full now."""
        await self._disk.remove_directory(self.path(f"{tile.path}.p"))

    async def publish(self, checkpoint: str) -> None:
        """Durably put a checkpoint in the place of the one before; readers find the one or the other."""
        await self._put(CHECKPOINT, checkpoint.encode())

    async def publish_cosigned(self, checkpoint: bytes) -> None:
        """Durably put a checkpoint with its witnesses' cosignatures in the place of the one before."""
        await self._put(COSIGNED, checkpoint)

    async def _put(self, name: str, content: bytes) -> None:
        path = self.path(name)
        if await self._disk.read_file(path) != content:
            await write_atomically(self._disk, path, [content])

    async def cosigned(self) -> bytes | None:
        """The latest checkpoint that enough witnesses cosigned; None before the first."""
        return await self._disk.read_file(self.path(COSIGNED))

    async def published(self) -> bytes | None:
        """The checkpoint that everybody reads; None before the first."""
        return await self._disk.read_file(self.path(CHECKPOINT))


def tiles_below(number: int) -> list[Tile]:
    """Tile `number` of level 1, with all the tiles and bundles that it stands over."""
    numbers = range(number * TILE_WIDTH, (number + 1) * TILE_WIDTH)
    return [Tile(1, number), *[Tile(level, each) for each in numbers for level in (ENTRIES, 0)]]
