"""Opening the transparency log: bring what an earlier writer left to where the journal is, and rewrite nothing signed.

Tiles follow from the journal, so those that a crash may have torn are made again and compared. What was signed must
come out again: where it does not, somebody changed the journal, the statements or the log, and the centre halts.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from tongbao.centres.registration.index import Index
from tongbao.centres.registration.log_book import LogBook, LogStanding, PlacedStatement
from tongbao.centres.registration.log_files import LogFiles
from tongbao.centres.registration.log_writer import LoggedBatch, LogKeys, LogWriter
from tongbao.centres.registration.ports import Clock, Disk
from tongbao.coin import Domain
from tongbao.errors import ConfigurationError, DamageError, RequestError
from tongbao.evidence import Checkpoint, SignedText, verify
from tongbao.evidence.tiles import ENTRY_ROW_BYTES, TILE_WIDTH, Tile, TileTail, hashes_in
from tongbao.evidence.tree import subtree_root

__all__ = ["LogPlaces", "open_log"]

BATCHES_READ = 256  # of the index at a time

_CURE = (
    "the journal, the log's standing or the statements of the supply were replaced by others: put back copies that "
    "belong together; what was signed must never be signed otherwise"
)

_log = logging.getLogger(__name__)


class LogPlaces:
    """Where the log of a centre lies.

    Attributes:
        files: what everybody reads.
        book: what the writer keeps for itself.
    """

    def __init__(self, disk: Disk, directory: str) -> None:
        self.files = LogFiles(disk, directory)
        self.book = LogBook(disk, f"{directory}-book")


async def open_log(places: LogPlaces, index: Index, domain: Domain, keys: LogKeys, clock: Clock) -> LogWriter:
    """The writer of the log, which covers whatever the index knows as soon as it writes.

    Raises:
        ConfigurationError: the last checkpoint was signed by another key.
        DamageError: what was signed does not come out again.
    """
    await places.files.make()
    standing = await places.book.read_standing()
    _demand_key(standing, keys)
    statements = await places.book.read_statements(standing.statements)
    opening = _Opening(places, index, domain, standing, statements)
    writer = await opening.writer(keys, clock)
    if standing.checkpoint:
        await writer.publish()
    return writer


def _demand_key(standing: LogStanding, keys: LogKeys) -> None:
    if not standing.checkpoint:
        return
    try:
        verify(SignedText.decode(standing.checkpoint.encode()), [keys.key.verifier_key])
    except RequestError:
        raise ConfigurationError(
            "the log's last checkpoint was signed by another key: configure the log key that was made with the network"
        ) from None


class SignedOtherwiseError(DamageError):
    """What comes out is not what was signed."""


class _Opening:
    """One way from the files to a writer."""

    def __init__(
        self,
        places: LogPlaces,
        index: Index,
        domain: Domain,
        standing: LogStanding,
        statements: Sequence[PlacedStatement],
    ) -> None:
        self._files, self._book = places.files, places.book
        self._index = index
        self._domain = domain
        self._standing = standing
        self._statements = statements

    async def writer(self, keys: LogKeys, clock: Clock) -> LogWriter:
        """From what is durable if that leads to what was signed; else from the first batch on."""
        standing = self._standing
        if standing.durable_tiles:
            tail = await self._durable_tail()
            kept = await self._book.keep_places_before(standing.durable_sequence)
            if tail is not None and (kept or not standing.durable_size):
                try:
                    return await self._replayed(self._new(keys, clock, standing), tail)
                except SignedOtherwiseError as error:
                    _log.warning("the log's tiles are damaged and are made again from the first: %s", error)
        await self._book.keep_places_before(0)
        standing = replace(standing, durable_tiles=0, durable_sequence=0, durable_size=0)
        return await self._replayed(self._new(keys, clock, standing), TileTail())

    def _new(self, keys: LogKeys, clock: Clock, standing: LogStanding) -> LogWriter:
        statements = [entry for _, entry in self._statements]
        return LogWriter(self._files, self._book, self._domain, keys, clock, standing=standing, statements=statements)

    async def _durable_tail(self) -> TileTail | None:
        """The end of the log at the last full tile of level 1 that is on the medium, from the tiles below each other.

        Of levels 0 and 1 it has nothing; of each level above, the roots of the last full tiles of the level below.
        """
        levels = [b"", b""]
        count, level = self._standing.durable_tiles, 1
        while count:
            first = count // TILE_WIDTH * TILE_WIDTH
            roots = []
            for number in range(first, count):
                content = await self._files.read(Tile(level, number))
                if content is None:
                    return None
                roots.append(subtree_root(hashes_in(content)))
            levels.append(b"".join(roots))
            count, level = count // TILE_WIDTH, level + 1
        return TileTail(self._standing.durable_tiles * TILE_WIDTH * TILE_WIDTH, levels)

    async def _replayed(self, writer: LogWriter, tail: TileTail) -> LogWriter:
        """Put everything behind `tail` into the log again; what was signed must come out on the way."""
        writer.tail = tail
        head = self._standing.head()
        skipped = tail.size - writer.standing.durable_size
        mended = 0
        async for batch in self._batches(writer.standing.durable_sequence):
            # The first entries of the first batch may lie in tiles that are on the medium.
            writer.begin(batch, tail.size - skipped)
            rows = batch.rows(self._domain)[skipped * ENTRY_ROW_BYTES :]
            skipped = 0
            signed = max(0, (head.size if head else 0) - tail.size) * ENTRY_ROW_BYTES
            for part in (rows[:signed], rows[signed:]):
                mended += await self._files.mend(writer.extend(part))
                if head and tail.size == head.size:
                    mended += await self._check(tail, head)
        if head and tail.size < head.size:
            raise DamageError(
                f"the log's checkpoint covers {head.size} entries, and the journal has {tail.size} of them: {_CURE}"
            )
        await writer.flush_places()
        if mended and self._standing.checkpoint:
            _log.warning("%d tiles of the log were missing or torn and have been made again", mended)
        return writer

    async def _check(self, tail: TileTail, head: Checkpoint) -> int:
        if tail.root() != head.root:
            raise SignedOtherwiseError(f"the log that follows from the journal is not what was signed: {_CURE}")
        return await self._files.mend(tail.partial())

    async def _batches(self, first: int) -> AsyncIterator[LoggedBatch]:
        """What the log holds from a batch on, in its order."""
        statements = [each for each in self._statements if each[0] >= first]
        while True:
            found = await self._index.verdicts_from(first, limit=BATCHES_READ)
            for sequence, verdicts in found:
                own = tuple([entry for place, entry in statements if place == sequence])
                if verdicts or own:
                    yield LoggedBatch(sequence, verdicts, statements=own)
            if len(found) < BATCHES_READ:
                return
            first = found[-1][0] + 1
