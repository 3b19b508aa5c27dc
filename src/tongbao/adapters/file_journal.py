"""The journal in files of one machine: segments, one fdatasync per group commit, an exclusive lock.

`docs/reference/journal.md` says what it promises, byte by byte and failure by failure.
"""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from tongbao.adapters.journal_directory import LOCK_NAME, Segment, Tail, damaged
from tongbao.adapters.journal_recovery import recover
from tongbao.adapters.segment import (
    HEADER_BYTES,
    MARKER_BYTES,
    RECORD_HEADER_BYTES,
    SegmentHeader,
    UnreadableError,
    segment_name,
)
from tongbao.adapters.segment_reader import SegmentReader
from tongbao.adapters.segment_writer import SegmentWriter
from tongbao.centres.registration.atomic_file import write_atomically
from tongbao.centres.registration.journal import (
    GROUP_BYTES_MAX,
    FenceLostError,
    JournalDamageError,
    JournalLockedError,
    TornTail,
)
from tongbao.centres.registration.ports import Disk, DiskLock
from tongbao.errors import DiskFullError, InvariantError, StorageError, WorldError

__all__ = ["SEGMENT_BYTES_MAX", "FileJournal"]

SEGMENT_BYTES_MAX = 64 * 1024 * 1024  # the last segment is read whole at each start: well under a second
FREE_BYTES_MIN = 64 * 1024  # beyond the group itself: what the file system takes for its own lists of blocks

_log = logging.getLogger(__name__)


def check_progress(from_sequence: int, read_to: int, end: int) -> None:
    """Refuse a segment that should hold a record and has none to read."""
    if read_to == from_sequence:
        raise UnreadableError(end, f"the segment ends before record {from_sequence}")


class FileJournal:
    """The port `Journal` on a directory of segment files; made by `open`.

    Attributes:
        network_id: the network whose journal this is.
        repair: the torn tail that was cut off at the start, or None.
    """

    def __init__(
        self,
        disk: Disk,
        directory: str,
        lock: DiskLock,
        segments: list[Segment],
        writer: SegmentWriter | None,
        *,
        network_id: bytes,
        entropy: Callable[[int], bytes],
        repair: TornTail | None,
        segment_bytes_max: int,
    ) -> None:
        self.network_id = network_id
        self.repair = repair
        self._disk = disk
        self._directory = directory
        self._lock = lock
        self._segments = segments
        self._writer = writer
        self._entropy = entropy
        self._segment_bytes_max = segment_bytes_max
        self._turn = asyncio.Lock()
        self._full = False
        self._closed = False
        self._damage: JournalDamageError | None = None

    @classmethod
    async def open(
        cls,
        disk: Disk,
        directory: str,
        *,
        network_id: bytes,
        entropy: Callable[[int], bytes],
        at_least_sequence: int = -1,
        segment_bytes_max: int = SEGMENT_BYTES_MAX,
    ) -> "FileJournal":
        """Open the journal in the directory, made if missing, and cut off a torn tail.

        `entropy` draws the markers of new segments. `at_least_sequence` is the last record that anybody else knows to
        be acknowledged (a snapshot, an index): a journal that ends before it is damaged, not torn.

        Raises:
            JournalLockedError: another holder has it open.
            JournalDamageError: acknowledged records cannot be read; nothing was changed.
            ConfigurationError: the directory is another network's, or cannot be used.
        """
        await disk.make_directory(directory)
        lock = await disk.lock(f"{directory}/{LOCK_NAME}")
        if lock is None:
            raise JournalLockedError(
                f"{directory}/{LOCK_NAME} is locked: another process has this journal open; stop it first"
            )
        try:
            segments, writer, repair = await recover(
                disk, directory, network_id=network_id, at_least_sequence=at_least_sequence
            )
        except BaseException:
            await lock.release()
            raise
        return cls(
            disk,
            directory,
            lock,
            segments,
            writer,
            network_id=network_id,
            entropy=entropy,
            repair=repair,
            segment_bytes_max=segment_bytes_max,
        )

    @property
    def last_sequence(self) -> int:
        """The last durable record's sequence, -1 while there is none."""
        return -1 if self._writer is None else self._writer.next_sequence - 1

    async def append(self, expected_sequence: int, batches: Sequence[bytes]) -> int:
        """Make the batches durable with one write and one fdatasync; see `Journal.append`."""
        async with self._turn:
            if expected_sequence != self.last_sequence + 1:
                raise FenceLostError(expected_sequence=expected_sequence, next_sequence=self.last_sequence + 1)
            group_bytes = sum(map(len, batches))
            if group_bytes > GROUP_BYTES_MAX:
                raise InvariantError(f"a group commit of {group_bytes} bytes; at most {GROUP_BYTES_MAX} are allowed")
            await self._refuse_in_vain(group_bytes)
            try:
                if batches:
                    await self._append(batches, group_bytes + RECORD_HEADER_BYTES * len(batches))
            except WorldError as error:
                self._full = isinstance(error, DiskFullError)
                await self._cut_back(error)
                raise
            self._full = False
            return self.last_sequence

    async def _append(self, batches: Sequence[bytes], group_bytes: int) -> None:
        writer = self._writer
        if writer is not None and not writer.sealed and not writer.is_empty:
            # The mark that seals the segment needs its place, too.
            writer.sealed = writer.end + group_bytes + RECORD_HEADER_BYTES > self._segment_bytes_max
        if writer is None or writer.sealed:
            writer = await self._next_writer(writer)
        await writer.append(batches)

    async def _refuse_in_vain(self, group_bytes: int) -> None:
        """Refuse what cannot succeed, without touching the files."""
        if self._closed:
            raise StorageError(f"{self._directory}: the journal is closed; open it again")
        if self._damage is not None:
            raise self._damage
        if self._full and await self._disk.free_bytes(self._directory) < group_bytes + FREE_BYTES_MIN:
            raise DiskFullError(f"{self._directory}: no room for {group_bytes} bytes; free some, and the work goes on")

    async def _next_writer(self, writer: SegmentWriter | None) -> SegmentWriter:
        """Begin a new segment; one that a failed attempt left behind is empty and is replaced."""
        if writer is not None:
            await writer.mark()
        header = SegmentHeader(self.last_sequence + 1, self.network_id, self._entropy(MARKER_BYTES))
        segment = Segment(f"{self._directory}/{segment_name(header.first_sequence)}", header)
        await write_atomically(self._disk, segment.path, [header.encode()])
        file = await self._disk.open_to_write(segment.path)
        self._writer = SegmentWriter(self._disk, segment, file, Tail(HEADER_BYTES, header.first_sequence))
        self._segments.append(segment)
        if writer is not None:
            await writer.close()
        return self._writer

    async def _cut_back(self, cause: WorldError) -> None:
        """Take back at once what a failed append left, so that it neither fills the disk nor surprises a start."""
        if isinstance(cause, JournalDamageError):
            self._damage = cause
        if self._writer is None or self._damage is not None:
            return
        _log.warning("an append to %s failed: %s", self._directory, cause)
        try:
            await self._writer.settle()
        except JournalDamageError as damage:
            self._damage = damage
            raise damage from cause
        except WorldError as error:
            _log.warning("%s is not cut back yet, the next append tries again: %s", self._directory, error)

    async def read(self, from_sequence: int) -> AsyncGenerator[tuple[int, bytes], None]:
        """Sequence and bytes of each durable record, in order; see `Journal.read`."""
        until_sequence = self.last_sequence
        sequence = max(from_sequence, 0)
        while sequence <= until_sequence:
            place = bisect_right(self._segments, sequence, key=lambda segment: segment.first_sequence) - 1
            async with aclosing(self._read_segment(self._segments[place], sequence)) as records:
                async for record in records:
                    yield record
                    sequence += 1
                    if sequence > until_sequence:
                        return

    async def _read_segment(self, segment: Segment, from_sequence: int) -> AsyncGenerator[tuple[int, bytes], None]:
        """The records of one segment; at least one, or an error."""
        file = await self._disk.open_to_read(segment.path)
        try:
            end = await file.size()  # what is not durable yet may be among it; nobody asks for it by its sequence
            reader = SegmentReader(file, segment.header, end=end)
            read_to = from_sequence
            async for record in reader.records(*await reader.seek(from_sequence)):
                if not record.header.is_mark and record.header.sequence == read_to:
                    yield read_to, record.payload
                    read_to += 1
            check_progress(from_sequence, read_to, end)
        except UnreadableError as error:
            raise damaged(segment.path, error) from error
        finally:
            await file.close()

    async def close(self) -> None:
        """Leave a mark at the end, which protects the last group too, and let others open the journal."""
        async with self._turn:
            if self._closed:
                return
            self._closed = True
            try:
                if self._writer is not None:
                    await self._writer.close()
            finally:
                await self._lock.release()
