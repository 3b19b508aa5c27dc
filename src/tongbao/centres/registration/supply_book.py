"""Supply statements as files: those that everybody reads, and the trees of the latest, which nobody else does.

```
PUBLIC/supply/1 ...    each statement, signed; never changed
PUBLIC/supply/latest   a copy of the newest
PRIVATE/supply-<number, 20 digits>-<asset>.tree   what its proofs are made from; only those of the latest are kept
```

A tree's file: magic 8 || version u32 || number u64 || asset u32 || count u64 || secret 32 || firsts || nodes || leaves
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tongbao.centres.registration.atomic_file import UNFINISHED, remove_unfinished, write_atomically
from tongbao.centres.registration.ports import Disk
from tongbao.coin.domain import HASH_BYTES
from tongbao.errors import DamageError
from tongbao.evidence.supply_statement import SupplyStatement
from tongbao.evidence.supply_tree import BLOCK_LEAVES, LEAF_BYTES, NODE_BYTES, BuiltTree

__all__ = ["KeptTree", "SupplyBook"]

MAGIC = b"TONGBAOT"
VERSION = 1
PIECE_BYTES = 4 * 1024 * 1024  # what is written at once: other work waits no longer than this takes

_HEADER = struct.Struct(">8sIQIQ32s")
_LATEST = "latest"
_TREE_SUFFIX = ".tree"


@dataclass(frozen=True, slots=True)
class KeptTree:
    """A tree whose leaves are in a file.

    Attributes:
        number: of the statement.
        count: how many leaves.
        secret: by which they are salted and split.
        firsts: the first hash of each block of leaves.
        nodes: from the blocks' nodes up to the root.
        path: the file.
    """

    number: int
    count: int
    secret: bytes
    firsts: bytes
    nodes: bytes
    path: str

    @property
    def block_leaves(self) -> int:
        """How many leaves a block has."""
        return min(BLOCK_LEAVES, self.count)

    @property
    def leaves_offset(self) -> int:
        """Where the leaves begin in the file."""
        return _HEADER.size + len(self.firsts) + len(self.nodes)


class SupplyBook:
    """The files, through the centre's disk; nobody else writes them while the centre holds the journal's lock."""

    def __init__(self, disk: Disk, *, public: str, private: str) -> None:
        self._disk = disk
        self._public = f"{public}/supply"
        self._private = private

    async def open(self) -> int:
        """Remove what a crash left unfinished; the number of the newest statement, or 0."""
        for directory in (self._public, self._private):
            await self._disk.make_directory(directory)
        numbers = [int(name) for name in await remove_unfinished(self._disk, self._public) if name.isdecimal()]
        return max(numbers, default=0)

    async def statement(self, number: int) -> bytes:
        """A signed statement; raises `DamageError` where it is not there."""
        signed = await self._disk.read_file(f"{self._public}/{number}")
        if signed is None:
            raise DamageError(f"{self._public}/{number} is missing: put it back from a copy")
        return signed

    async def publish(self, statement: SupplyStatement, signed: bytes) -> None:
        """Durably publish the next statement."""
        for name in (statement.number, _LATEST):
            await write_atomically(self._disk, f"{self._public}/{name}", [signed])

    # --- trees --------------------------------------------------------------------------------------------------------

    async def keep_trees(
        self, number: int, trees: Mapping[int, BuiltTree], secrets: Mapping[int, bytes]
    ) -> dict[int, KeptTree]:
        """Durably keep the trees of a statement that is about to be published."""
        kept = {}
        for asset, tree in trees.items():
            path = f"{self._private}/supply-{number:020d}-{asset}{_TREE_SUFFIX}"
            header = _HEADER.pack(MAGIC, VERSION, number, asset, tree.count, secrets[asset])
            pieces = _in_pieces([header + tree.firsts + tree.nodes, tree.leaves])
            await write_atomically(self._disk, path, pieces)
            kept[asset] = KeptTree(number, tree.count, secrets[asset], tree.firsts, tree.nodes, path)
        return kept

    async def trees(self, number: int) -> dict[int, KeptTree]:
        """The trees that were kept of a statement, by asset; those that are damaged are left out."""
        kept = {}
        for name in await self._tree_names():
            found = await self._read_tree(f"{self._private}/{name}")
            if found is not None and found[1].number == number:
                kept[found[0]] = found[1]
        return kept

    async def drop_trees_before(self, number: int) -> None:
        """Remove the trees of older statements, and what was left unfinished."""
        for name in await self._tree_names():
            if name < f"supply-{number:020d}":
                await self._disk.remove(f"{self._private}/{name}")

    async def block(self, tree: KeptTree, number: int) -> bytes:
        """The rows of one block of leaves."""
        size = tree.block_leaves * LEAF_BYTES
        file = await self._disk.open_to_read(tree.path)
        try:
            return await file.read(tree.leaves_offset + number * size, size)
        finally:
            await file.close()

    async def _tree_names(self) -> list[str]:
        names = await self._disk.list_directory(self._private)
        for name in names:
            if name.startswith("supply-") and name.endswith(UNFINISHED):
                await self._disk.remove(f"{self._private}/{name}")
        return [name for name in names if name.startswith("supply-") and name.endswith(_TREE_SUFFIX)]

    async def _read_tree(self, path: str) -> tuple[int, KeptTree] | None:
        file = await self._disk.open_to_read(path)
        try:
            header = await file.read(0, _HEADER.size)
            if len(header) < _HEADER.size:
                return None
            magic, version, number, asset, count, secret = _HEADER.unpack(header)
            blocks = max(1, count // BLOCK_LEAVES)
            upper = await file.read(_HEADER.size, blocks * HASH_BYTES + (2 * blocks - 1) * NODE_BYTES)
        finally:
            await file.close()
        if (magic, version) != (MAGIC, VERSION):
            return None
        split = blocks * HASH_BYTES
        return asset, KeptTree(number, count, secret, upper[:split], upper[split:], path)


def _in_pieces(parts: Sequence[bytes]) -> Iterator[bytes]:
    for part in parts:
        for start in range(0, len(part), PIECE_BYTES):
            yield part[start : start + PIECE_BYTES]
