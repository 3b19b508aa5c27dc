"""The writer of the transparency log: takes what was settled, puts it into tiles, and signs how long the log is now.

It goes about once a second, beside settling, and nobody waits for it: what it writes follows from the journal. Only two
things are durable before a checkpoint is published: where statements stand, and the checkpoint itself.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from tongbao.centres.registration.log_book import LogBook, LogStanding, PlacedStatement
from tongbao.centres.registration.log_files import LogFiles, tiles_below
from tongbao.centres.registration.ports import Clock
from tongbao.coin.domain import Domain, HashKind
from tongbao.errors import WorldError
from tongbao.evidence import Checkpoint, SignedText, SigningKey
from tongbao.evidence.entries import verdict_rows
from tongbao.evidence.log_proof import origin_of
from tongbao.evidence.tiles import Tile, TileTail, entry_row

__all__ = ["LogKeys", "LogWriter", "LoggedBatch"]

QUIET_ENTRIES: Final = 1024
"""A round with fewer of them leaves the disk time to bring older tiles to the medium."""

BEHIND_TILES_MAX: Final = 32
"""Tiles of level 1, of 65,536 entries each, that may wait for that; a start after a crash makes so many again."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """What checkpoints are signed with.

    Attributes:
        key: plain Ed25519, named by the log's origin.
        cosigner: of ML-DSA-44, for the time when Ed25519 no longer stands; None leaves it out.
    """

    key: SigningKey
    cosigner: SigningKey | None = None

    def verifier_keys(self) -> list[str]:
        """The public keys, each in one line."""
        keys = [self.key, *([self.cosigner] if self.cosigner else [])]
        return [key.verifier_key.encode() for key in keys]

    def sign(self, checkpoint: Checkpoint, *, now_s: int) -> SignedText:
        """The checkpoint with our signatures."""
        text = checkpoint.encode()
        lines = [self.key.sign(text)]
        if self.cosigner is not None:
            lines.append(self.cosigner.sign(text, time_s=now_s))
        return SignedText(text, tuple(lines))


@dataclass(frozen=True, slots=True)
class LoggedBatch:
    """Entries that follow each other: the verdicts of a batch, then statements of the supply behind them.

    Attributes:
        sequence: the batch.
        verdicts: ids and statuses, joined; none where a batch has no transactions, or only its statements are new.
        leaves: the verdicts' leaf hashes, joined, where the ledger's H gives those of the log, too.
        statements: entries of 32 bytes.
    """

    sequence: int
    verdicts: bytes = b""
    leaves: bytes | None = None
    statements: tuple[bytes, ...] = ()

    def rows(self, domain: Domain) -> bytes:
        """The entries as rows of a bundle."""
        return verdict_rows(self.verdicts, self.sequence, domain) + b"".join(map(entry_row, self.statements))


class LogWriter:
    """Writes one network's log. `log_opening` makes it, at the place where the journal and the last writer left it.

    Attributes:
        standing: what was signed last.
        tail: the end of the tree.
    """

    def __init__(
        self,
        files: LogFiles,
        book: LogBook,
        domain: Domain,
        keys: LogKeys,
        clock: Clock,
        *,
        standing: LogStanding,
        statements: Iterable[bytes],
    ) -> None:
        """`statements` are the entries of those that the log holds by its standing."""
        self.standing = standing
        self.tail = TileTail()
        self._files = files
        self._book = book
        self._domain = domain
        self._keys = keys
        self._clock = clock
        self._waiting: deque[LoggedBatch] = deque()
        self._last_sequence = 0
        self._begun = (-1, 0)
        self._published = ""
        self._known_statements = set(statements)
        self._written: list[tuple[Tile, bytes]] = []
        self._places: list[tuple[int, int]] = []
        self._statements: list[PlacedStatement] = []
        self._filled: deque[tuple[int, int, int]] = deque()

    @property
    def origin(self) -> str:
        """Which log it is."""
        return origin_of(self._domain.network_id)

    def verifier_keys(self) -> list[str]:
        """The public keys of its signatures, each in one line."""
        return self._keys.verifier_keys()

    def take(self, sequence: int, verdicts: bytes, leaves: bytes | None = None) -> None:
        """Take in the verdicts of a batch that was applied; batches come in order, each once.

        `leaves` are their hashes in the receipts' tree.
        """
        self._last_sequence = sequence
        if verdicts:
            is_ours = self._domain.hash_kind is HashKind.SHA256
            self._waiting.append(LoggedBatch(sequence, verdicts, leaves if is_ours else None))

    def take_statement(self, entry: bytes) -> int:
        """Take in the entry of a statement of the supply; returns the batch behind whose verdicts it stands."""
        self._waiting.append(LoggedBatch(self._last_sequence, statements=(entry,)))
        self._known_statements.add(entry)
        return self._last_sequence

    def has_statement(self, entry: bytes) -> bool:
        """Whether a statement's entry is in the log already, or will be."""
        return entry in self._known_statements

    # --- growing ------------------------------------------------------------------------------------------------------

    def grow(self, batch: LoggedBatch) -> list[tuple[Tile, bytes]]:
        """Put entries at the end of the tree; returns the tiles that became full. Nothing is written yet."""
        self.begin(batch, self.tail.size)
        return self.extend(batch.rows(self._domain), batch.leaves)

    def begin(self, batch: LoggedBatch, first: int) -> None:
        """Note where the entries of a batch begin, statements behind them included."""
        if batch.sequence != self._begun[0]:
            self._begun = batch.sequence, first
        if batch.verdicts:
            self._places.append((batch.sequence, first))
        self._last_sequence = max(self._last_sequence, batch.sequence)

    def extend(self, rows: bytes, leaves: bytes | None = None) -> list[tuple[Tile, bytes]]:
        """Put rows of the batch that was begun at the end of the tree; returns the tiles that became full."""
        full = self.tail.extend(rows, leaves)
        self._filled.extend([(tile.number + 1, *self._begun) for tile, _ in full if tile.level == 1])
        return full

    async def flush_places(self) -> None:
        """Write where batches begin."""
        places, self._places = self._places, []
        try:
            await self._book.add_places(places)
        except WorldError:
            self._places = places + self._places
            raise

    # --- a round ------------------------------------------------------------------------------------------------------

    async def write(self) -> bool:
        """Put what waits into the log and publish a checkpoint that covers it; False where nothing waited.

        Raises:
            WorldError: it could not be written; the next round goes on from there.
        """
        while self._waiting:
            batch = self._waiting.popleft()
            self._written += self.grow(batch)
            self._statements += [(batch.sequence, entry) for entry in batch.statements]
            await self._clock.sleep(0)  # settling goes first
        head = self.standing.head()
        if head and self.tail.size == head.size:
            if self._published != self.standing.checkpoint:
                await self.publish()
            await self._settle(entries=0)
            return False
        entries = self.tail.size - (head.size if head else 0)
        await self._write_tiles()
        await self.sign()
        for tile in {tile.level: tile for tile, _ in reversed(self._written)}.values():
            await self._files.drop_partial(tile)  # of each level, only the first that is full now was partial before
        self._written.clear()
        await self._settle(entries=entries)
        return True

    async def _write_tiles(self) -> None:
        await self._files.write([*self._written, *self.tail.partial()])
        await self.flush_places()
        if self._statements:
            statements, self._statements = self._statements, []
            try:
                await self._book.add_statements(statements)
            except WorldError:
                self._statements = statements + self._statements
                raise
            self.standing = replace(self.standing, statements=self.standing.statements + len(statements))

    async def sign(self) -> None:
        """Sign how long the log is, remember that durably, and publish it; its tiles are written."""
        checkpoint = Checkpoint(self.origin, self.tail.size, self.tail.root())
        signed = self._keys.sign(checkpoint, now_s=self._clock.now_ms() // 1000).encode().decode()
        standing = replace(self.standing, checkpoint=signed, sequence=self._begun[0])
        await self._book.write_standing(standing)
        self.standing = standing
        await self.publish()

    async def publish(self) -> None:
        """Let everybody read the checkpoint that was signed last."""
        await self._files.publish(self.standing.checkpoint)
        self._published = self.standing.checkpoint

    async def _settle(self, *, entries: int) -> None:
        """Bring the oldest tiles that are not yet on the medium there, if there is time for it."""
        if not self._filled or (entries > QUIET_ENTRIES and len(self._filled) <= BEHIND_TILES_MAX):
            return
        tiles, sequence, size = self._filled[0]
        await self._files.sync(tiles_below(tiles - 1))
        await self._book.sync_places()
        standing = replace(self.standing, durable_tiles=tiles, durable_sequence=sequence, durable_size=size)
        await self._book.write_standing(standing)
        self.standing = standing
        self._filled.popleft()

    async def close(self) -> None:
        """Let the writer's files go."""
        await self._book.close()
