"""The transparency log as the auditor would have written it: entries, roots and tiles, to be held against another's.

An entry stands for each verdict in the journal's order, and one for each supply statement, behind the verdicts of its
batch or of a later one: the centre states while it settles on. Leaves, nodes and tiles are those of RFC 6962 and C2SP's
tlog-tiles over SHA-256, whatever the ledger's H is.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from tongbao.audit.divergence import DivergenceError, Place
from tongbao.audit.history import Applied
from tongbao.coin import Domain
from tongbao.coin.encoding import u16, u64
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.tiles import ENTRIES, TILE_WIDTH, Tile

__all__ = ["OwnLog", "statement_entry", "tiles_of_size", "verdict_entries"]

HASH_BYTES = 32
ENTRY_LENGTH = u16(HASH_BYTES)
LEVELS = 8


def tiles_of_size(size: int) -> Iterator[Tile]:
    """All tiles and bundles of a log of `size` entries, the last of each level as wide as it is."""
    yield from _tiles_of_level(ENTRIES, size)
    for level in range(LEVELS):
        yield from _tiles_of_level(level, size)
        size //= TILE_WIDTH


def _tiles_of_level(level: int, count: int) -> Iterator[Tile]:
    for number in range(count // TILE_WIDTH):
        yield Tile(level, number)
    if count % TILE_WIDTH:
        yield Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)


def verdict_entries(applied: Applied, sequence: int, domain: Domain) -> bytes:
    """The entries of a batch, 32 bytes each."""
    verdicts = zip(applied.transactions, applied.statuses, strict=True)
    entries = [opened.identity + u16(status) + u64(sequence) for opened, status in verdicts]
    return b"".join([domain.hash("tongbao/receipt-leaf/1", entry) for entry in entries])


def statement_entry(text: str, domain: Domain) -> bytes:
    """The entry of a supply statement, 32 bytes."""
    return domain.hash("tongbao/supply-leaf/1", text.encode())


@dataclass(slots=True)
class OwnLog:
    """Entries in order, and of which record each is."""

    entries: bytearray = field(default_factory=bytearray)
    leaves: bytearray = field(default_factory=bytearray)
    _firsts: list[int] = field(default_factory=list)
    _places: list[Place] = field(default_factory=list)
    _levels: dict[int, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.entries) // HASH_BYTES

    def add(self, entries: bytes, place: Place) -> None:
        """Put entries of a record at the end, joined."""
        self._firsts.append(self.size)
        self._places.append(place)
        self.entries += entries
        for start in range(0, len(entries), HASH_BYTES):
            self.leaves += sha256(b"\x00" + entries[start : start + HASH_BYTES]).digest()

    def root(self, size: int) -> bytes:
        """The RFC 6962 root over the first `size` entries; call it when all entries are there.

        Every statement names one, so what is full is put together once for all of them: the row of hashes over 256
        leaves, with that of the leaves left over behind them.
        """
        if size == 0:
            return sha256().digest()
        whole, left = divmod(size, TILE_WIDTH)
        hashes = _hashes_in(self._level(1)[: whole * HASH_BYTES])
        if left:
            start = whole * TILE_WIDTH * HASH_BYTES
            hashes.append(_root(_hashes_in(self._level(0)[start : start + left * HASH_BYTES])))
        return _root(hashes)

    def demand_checkpoint(self, checkpoint: Checkpoint, file: str) -> None:
        """The checkpoint must be of these entries.

        Raises:
            DivergenceError: it has more, or another root.
        """
        if checkpoint.size > self.size:
            raise DivergenceError(
                Place(file, 0, None),
                f"the log has {checkpoint.size} entries, and the journal comes to {self.size}: its newest records are "
                "missing, or the log says what never was",
            )
        if self.root(checkpoint.size) != checkpoint.root:
            raise DivergenceError(
                Place(file, 0, None), f"the checkpoint has another root over {checkpoint.size} entries than the journal"
            )

    def demand_tile(self, tile: Tile, content: bytes) -> None:
        """A tile's file must hold what these entries give; it may be wider than the tile.

        Raises:
            DivergenceError: at the first byte that differs, with the record that the byte is about.
        """
        own = self._tile(tile)
        if content[: len(own)] == own:
            return
        offset = next((at for at in range(min(len(own), len(content))) if own[at] != content[at]), len(content))
        record = self._record_at(tile, offset)
        meaning = "an entry of the log is not the journal's" if tile.level == ENTRIES else "a hash is not the journal's"
        raise DivergenceError(Place(tile.path, offset, record.sequence), f"{meaning}, which is that of {record.file}")

    def _tile(self, tile: Tile) -> bytes:
        start = tile.number * TILE_WIDTH
        if tile.level == ENTRIES:
            rows = range(start, start + tile.width)
            return b"".join([ENTRY_LENGTH + self.entries[each * HASH_BYTES : (each + 1) * HASH_BYTES] for each in rows])
        return bytes(self._level(tile.level)[start * HASH_BYTES : (start + tile.width) * HASH_BYTES])

    def _level(self, level: int) -> bytes | bytearray:
        """The hashes of a level of tiles, as far as their subtrees are full; call it when all entries are there."""
        if level == 0:
            return self.leaves
        if level not in self._levels:
            below, width = self._level(level - 1), TILE_WIDTH * HASH_BYTES
            whole = range(0, len(below) - width + 1, width)
            self._levels[level] = b"".join([_root(_hashes_in(below[start : start + width])) for start in whole])
        return self._levels[level]

    def _record_at(self, tile: Tile, offset: int) -> Place:
        bytes_each = HASH_BYTES + len(ENTRY_LENGTH) if tile.level == ENTRIES else HASH_BYTES
        index = (tile.number * TILE_WIDTH + offset // bytes_each) * TILE_WIDTH ** max(tile.level, 0)
        return self._places[max(0, bisect_right(self._firsts, index) - 1)]


def _hashes_in(row: bytes | bytearray) -> list[bytes]:
    return [bytes(row[at : at + HASH_BYTES]) for at in range(0, len(row), HASH_BYTES)]


def _root(hashes: list[bytes]) -> bytes:
    """The root over leaves or subtrees, level by level: an odd one at the end rises as it is."""
    while len(hashes) > 1:
        odd = hashes[-1:] if len(hashes) % 2 else []
        pairs = zip(hashes[::2], hashes[1::2], strict=False)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return hashes[0]
