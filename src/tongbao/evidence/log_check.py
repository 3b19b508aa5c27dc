"""Reads a whole log against its checkpoint, and says in which file and at which byte it is not what it must be.

Entries, leaf hashes and roots are kept three times over: a bundle of entries, the tile of their hashes, and that tile's
root in the tile above. Where two of them agree, the third is wrong. So one changed byte is named, whichever it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.tiles import (
    ENTRIES,
    ENTRY_LENGTH,
    ENTRY_ROW_BYTES,
    TILE_WIDTH,
    Tile,
    TileTail,
    hashes_in,
    leaves_of,
)
from tongbao.evidence.tree import HASH_BYTES, subtree_root

__all__ = ["LogCheck", "LogFault", "check_log", "tiles_of_size"]

Read = Callable[[str], bytes | None]
"""What a file of the log holds, by its path; None where there is none."""


@dataclass(frozen=True, slots=True)
class LogFault:
    """Something that is not as it must be.

    Attributes:
        file: its path within the log.
        offset: the first byte that is wrong, or of the entry that is.
        meaning: for people.
    """

    file: str
    offset: int
    meaning: str


@dataclass(slots=True)
class LogCheck:
    """What was found.

    Attributes:
        entries: how many entries were read.
        files: how many files.
        faults: in the order in which they were found; none where the log is right.
    """

    entries: int = 0
    files: int = 0
    faults: list[LogFault] = field(default_factory=list)


def tiles_of_size(size: int, level: int) -> Iterator[Tile]:
    """The tiles of a level that a log of so many entries has, bundles included, in order."""
    width = size >> 8 * max(level, 0)
    for number in range(width // TILE_WIDTH):
        yield Tile(level, number)
    if width % TILE_WIDTH:
        yield Tile(level, width // TILE_WIDTH, width % TILE_WIDTH)


def check_log(read: Read, checkpoint: Checkpoint) -> LogCheck:
    """Read every tile and every entry that a checkpoint covers, whose signatures were verified before."""
    check = LogCheck()
    tail = TileTail()
    above: dict[Tile, bytes] = {}
    for tile in tiles_of_size(checkpoint.size, 0):
        rows = _checked_rows(check, read, tile, _stored_root(read, tile, checkpoint.size))
        check.entries += tile.width
        above.update({each: content for each, content in tail.extend(rows) if each.level > 0})
    above.update({each: content for each, content in tail.partial() if each.level > 0})
    for each, content in sorted(above.items()):
        _compare(check, each, _content(check, read, each), content)
    if tail.root() != checkpoint.root and not check.faults:
        check.faults.append(LogFault("checkpoint", 0, "the log's entries have another root than the checkpoint signs"))
    return check


def _stored_root(read: Read, tile: Tile, size: int) -> bytes | None:
    """The root of a full tile, as the tile above it holds it."""
    if not tile.is_full:
        return None
    width = (size >> 8) - tile.number // TILE_WIDTH * TILE_WIDTH
    parent = read(Tile(1, tile.number // TILE_WIDTH, min(width, TILE_WIDTH)).path)
    at = tile.number % TILE_WIDTH * HASH_BYTES
    return parent[at : at + HASH_BYTES] if parent is not None else None


def _content(check: LogCheck, read: Read, tile: Tile) -> bytes | None:
    content = read(tile.path)
    check.files += 1
    if content is None:
        check.faults.append(LogFault(tile.path, 0, "the file is missing"))
    elif len(content) != tile.size_bytes:
        offset = min(len(content), tile.size_bytes)
        meaning = f"the file has {len(content)} bytes, not {tile.size_bytes}"
        check.faults.append(LogFault(tile.path, offset, meaning))
    else:
        return content
    return None


def _checked_rows(check: LogCheck, read: Read, tile: Tile, root: bytes | None) -> bytes:
    """The rows of a bundle, compared with the tile of their hashes; the better of the two where they differ."""
    bundle = Tile(ENTRIES, tile.number, tile.width)
    rows, hashes = _content(check, read, bundle), _content(check, read, tile)
    if rows is None:
        return bytes(bundle.size_bytes)
    for at in range(0, len(rows), ENTRY_ROW_BYTES):
        if rows[at : at + len(ENTRY_LENGTH)] != ENTRY_LENGTH:
            wrong = at if rows[at] != ENTRY_LENGTH[0] else at + 1
            check.faults.append(LogFault(bundle.path, wrong, "an entry of this log has 32 bytes"))
    if hashes is None:
        return rows
    leaves = leaves_of(rows)
    if leaves != hashes:
        _blame(check, tile, bundle, hashes, leaves=leaves, root=root)
    return rows


def _blame(check: LogCheck, tile: Tile, bundle: Tile, hashes: bytes, *, leaves: bytes, root: bytes | None) -> None:
    """Say which of a bundle and a tile is wrong: the one that does not lead to the root above."""
    is_tile_right = root is not None and subtree_root(hashes_in(hashes)) == root
    if not is_tile_right:
        _compare(check, tile, hashes, leaves)
    if is_tile_right or root is None or subtree_root(hashes_in(leaves)) != root:
        number = _first_difference(hashes, leaves) // HASH_BYTES
        offset = number * ENTRY_ROW_BYTES + len(ENTRY_LENGTH)
        entry = bundle.number * TILE_WIDTH + number
        check.faults.append(LogFault(bundle.path, offset, f"entry {entry} is not the one whose hash the log has"))


def _compare(check: LogCheck, tile: Tile, found: bytes | None, wanted: bytes) -> None:
    if found is not None and found != wanted:
        offset = _first_difference(found, wanted)
        check.faults.append(LogFault(tile.path, offset, "a hash is not that of what it stands over"))


def _first_difference(one: bytes, other: bytes) -> int:
    return next(at for at, (left, right) in enumerate(zip(one, other, strict=True)) if left != right)
