"""Tiles: how a log's tree lies in files that never change (C2SP tlog-tiles), and the end of it that still grows.

A full tile holds 256 hashes that follow each other: at level 0 those of leaves, at each level above the roots of full
tiles of the one below. The last tile of a level may be partial, and is then another file for each width:

    tile/0/x001/067      tile 1067 of level 0, 8192 bytes
    tile/1/004.p/43      the first 43 hashes of tile 4 of level 1
    tile/entries/000     the first 256 entries, each behind its length in two bytes

Every entry of this log has `ENTRY_BYTES`, so entries and hashes are handled as rows, joined.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tongbao.errors import RequestError
from tongbao.evidence.tree import HASH_BYTES, Node, root_of_nodes, subtree_root

__all__ = [
    "ENTRIES",
    "ENTRY_BYTES",
    "ENTRY_LENGTH",
    "ENTRY_ROW_BYTES",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Tile",
    "TileTail",
    "entry_row",
    "hashes_in",
    "leaves_of",
    "node_in",
    "tile_with",
    "tiles_of",
]

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
ENTRIES: Final = -1
"""The level of bundles of entries, of which the hashes of level 0 are made."""

LEVEL_MAX: Final = 7
"""Eight levels of tiles hold 2**64 entries."""

ENTRY_BYTES: Final = 32
ENTRY_LENGTH: Final = ENTRY_BYTES.to_bytes(2, "big")
"""What stands before each entry in a bundle."""

ENTRY_ROW_BYTES: Final = len(ENTRY_LENGTH) + ENTRY_BYTES

_PATH: Final = re.compile(r"tile/(entries|[0-7])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
_NUMBER_MAX: Final = (1 << 56) - 1


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile's name.

    Attributes:
        level: 0 for leaves, above it roots of tiles; `ENTRIES` for a bundle of entries.
        number: how many full tiles of the level stand before it.
        width: how many hashes or entries it has; 256 where it is full.
    """

    level: int
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Its path from the log's address or directory."""
        groups = [f"{self.number % 1000:03}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.is_full else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{partial}"

    @property
    def is_full(self) -> bool:
        """Whether it has all its hashes and will never have another name."""
        return self.width == TILE_WIDTH

    @property
    def size_bytes(self) -> int:
        """What its file holds."""
        return self.width * (ENTRY_ROW_BYTES if self.level == ENTRIES else HASH_BYTES)

    @property
    def end(self) -> int:
        """How many entries a log has at the least that has this tile."""
        return (self.number * TILE_WIDTH + self.width) << TILE_HEIGHT * max(self.level, 0)

    @staticmethod
    def parse(path: str) -> "Tile":
        """The tile at a path; raises `RequestError` where that is the path of none."""
        found = _PATH.fullmatch(path)
        if found:
            level, groups, partial = found.groups()
            number = int(groups.replace("/", "").replace("x", ""))
            width = int(partial or TILE_WIDTH)
            tile = Tile(ENTRIES if level == "entries" else int(level), number, width)
            # Another spelling of the same number would be another file.
            if number <= _NUMBER_MAX and tile.path == path:
                return tile
        raise RequestError(f"{path} is not the path of a tile", field="path", code="NOT_FOUND")


def entry_row(entry: bytes) -> bytes:
    """An entry as it stands in a bundle: its length, then the entry."""
    if len(entry) != ENTRY_BYTES:
        raise ValueError(f"an entry of this log has {ENTRY_BYTES} bytes, this one {len(entry)}")
    return ENTRY_LENGTH + entry


# --- hashing ----------------------------------------------------------------------------------------------------------


def leaves_of(rows: bytes) -> bytes:
    """The leaf hashes of entries, joined; the entries are rows of a bundle."""
    sha256 = hashlib.sha256
    starts = range(len(ENTRY_LENGTH), len(rows), ENTRY_ROW_BYTES)
    return b"".join([sha256(b"\x00" + rows[at : at + ENTRY_BYTES]).digest() for at in starts])


def hashes_in(joined: bytes) -> list[bytes]:
    """Hashes that were joined."""
    return [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]


# --- reading ----------------------------------------------------------------------------------------------------------


def tile_with(node: Node, size: int) -> Tile:
    """The tile, in a tree of `size` entries, from which a node's hash follows."""
    level, number = node
    tile_level, height = divmod(level, TILE_HEIGHT)
    tile_number = (number << height) >> TILE_HEIGHT
    width = (size >> TILE_HEIGHT * tile_level) - (tile_number << TILE_HEIGHT)
    return Tile(tile_level, tile_number, min(width, TILE_WIDTH))


def tiles_of(nodes: Iterable[Node], size: int) -> list[Tile]:
    """The tiles of a tree of `size` entries in which the nodes are."""
    return sorted({tile_with(node, size) for node in nodes})


def node_in(tiles: Mapping[Tile, bytes], size: int) -> Callable[[Node], bytes]:
    """What gives the hash of a node of the tree of `size` entries, from the tiles' contents."""

    def hash_of(node: Node) -> bytes:
        content = tiles[tile_with(node, size)]
        level, number = node
        count = 1 << level % TILE_HEIGHT
        first = number * count % TILE_WIDTH
        return subtree_root(hashes_in(content[first * HASH_BYTES : (first + count) * HASH_BYTES]))

    return hash_of


# --- growing ----------------------------------------------------------------------------------------------------------


class TileTail:
    """The end of a log: the tiles that are not full yet.

    Attributes:
        size: how many entries the log has.
    """

    def __init__(self, size: int = 0, levels: Sequence[bytes] = (), rows: bytes = b"") -> None:
        """The end of a log of `size` entries: the hashes of each level's partial tile, and the rows of its bundle."""
        self.size = size
        self._levels = [bytearray(level) for level in levels] or [bytearray()]
        self._rows = bytearray(rows)

    def extend(self, rows: bytes, leaves: bytes | None = None) -> list[tuple[Tile, bytes]]:
        """Add entries, given as rows; returns the tiles that became full, each with its content.

        Whoever has the leaf hashes of the entries already gives them along.
        """
        full: list[tuple[Tile, bytes]] = []
        leaves = leaves_of(rows) if leaves is None else leaves
        row_at = leaf_at = 0
        while row_at < len(rows):
            room = TILE_WIDTH - len(self._levels[0]) // HASH_BYTES
            taken = leaves[leaf_at : leaf_at + room * HASH_BYTES]
            self._levels[0] += taken
            self._rows += rows[row_at : row_at + room * ENTRY_ROW_BYTES]
            self.size += len(taken) // HASH_BYTES
            row_at, leaf_at = row_at + room * ENTRY_ROW_BYTES, leaf_at + room * HASH_BYTES
            if len(self._levels[0]) == TILE_WIDTH * HASH_BYTES:
                full.append((Tile(ENTRIES, (self.size >> TILE_HEIGHT) - 1), bytes(self._rows)))
                self._rows.clear()
                full += self._rise()
        return full

    def _rise(self) -> list[tuple[Tile, bytes]]:
        """Take away the tiles that are full, from level 0 up, and put their roots into the levels above."""
        full = []
        level = 0
        while len(self._levels[level]) == TILE_WIDTH * HASH_BYTES:
            content = bytes(self._levels[level])
            full.append((Tile(level, (self.size >> TILE_HEIGHT * (level + 1)) - 1), content))
            self._levels[level].clear()
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += subtree_root(hashes_in(content))
        return full

    def partial(self) -> list[tuple[Tile, bytes]]:
        """The tiles that are not full, each with its content; empty ones are none."""
        found = [(ENTRIES, self._rows, ENTRY_ROW_BYTES)]
        found += [(level, hashes, HASH_BYTES) for level, hashes in enumerate(self._levels)]
        return [
            (Tile(level, self.size >> TILE_HEIGHT * (max(level, 0) + 1), len(content) // row_bytes), bytes(content))
            for level, content, row_bytes in found
            if content
        ]

    def root(self) -> bytes:
        """The root of the log's tree as it is now."""
        return root_of_nodes(self.size, node_in(dict(self.partial()), self.size))
