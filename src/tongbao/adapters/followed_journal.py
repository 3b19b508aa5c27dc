"""A file journal as another process sees it that only reads: without the lock, and without changing anything.

A reader cannot tell by a record whether it is on the medium yet: what the system has in memory looks the same, and is
gone when the power fails. But each record says how many were durable before its own write was begun. So a record counts
here once one after it says so, or once a segment after its own exists. A reader is behind the writer by the last group
of records; the next heartbeat lets it go on.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from tongbao.adapters.journal_directory import Segment, damaged, read_segment, read_segments
from tongbao.adapters.segment import UnreadableError, first_sequences
from tongbao.adapters.segment_reader import Record, SegmentReader
from tongbao.centres.registration.ports import Disk

__all__ = ["FollowedJournal"]


class FollowedJournal:
    """The port `JournalView` on a directory that another process writes to."""

    def __init__(self, disk: Disk, directory: str, *, network_id: bytes) -> None:
        self._disk = disk
        self._directory = directory
        self._network_id = network_id
        self._segments: list[Segment] = []
        # Where to go on, so that the last segment is not searched again at every look: sequence, segment, offset.
        self._place: tuple[int, str, int] | None = None

    async def read(self, from_sequence: int) -> AsyncGenerator[tuple[int, bytes], None]:
        """Sequence and bytes of each record from `from_sequence` on that is known to be durable, in order.

        Raises:
            JournalDamageError: a record that is known to be durable is not what was written.
            ConfigurationError: the journal is another network's.
        """
        await self._look_for_segments()
        sequence = max(from_sequence, 0)
        while self._segments:
            place = bisect_right(self._segments, sequence, key=lambda segment: segment.first_sequence) - 1
            sealed = place + 1 < len(self._segments)
            until = self._segments[place + 1].first_sequence if sealed else None
            async with aclosing(self._read_segment(self._segments[place], sequence, until)) as records:
                async for record in records:
                    yield record.header.sequence, record.payload
                    sequence = record.header.sequence + 1
            if sequence != until:
                return

    async def _look_for_segments(self) -> None:
        """Learn of new segments; one that is empty may still be replaced, so the last is read again."""
        names = await self._disk.list_directory(self._directory)
        if not self._segments:
            self._segments = await read_segments(self._disk, self._directory, names, network_id=self._network_id)
            return
        firsts = first_sequences(names)
        known = [segment for segment in self._segments[:-1] if segment.first_sequence in firsts]
        new = [await read_segment(self._disk, self._directory, first) for first in firsts[len(known) :]]
        self._segments = known + new

    async def _read_segment(
        self, segment: Segment, from_sequence: int, until_sequence: int | None
    ) -> AsyncGenerator[Record, None]:
        """The durable records of a segment; all of it is, where another follows with record `until_sequence`."""
        file = await self._disk.open_to_read(segment.path)
        try:
            end = await file.size()
            reader = SegmentReader(file, segment.header, end=end)
            try:
                async for ready in self._durable(reader, segment, from_sequence, until_sequence):
                    self._place = (ready.header.sequence + 1, segment.path, ready.end)
                    yield ready
            except UnreadableError as error:
                raise damaged(segment.path, error) from error
        finally:
            await file.close()

    async def _durable(
        self, reader: SegmentReader, segment: Segment, from_sequence: int, until_sequence: int | None
    ) -> AsyncGenerator[Record, None]:
        offset, read_to = await self._find(reader, segment, from_sequence)
        waiting: deque[Record] = deque()
        try:
            async for record in reader.records(offset, read_to):
                if not record.header.is_mark:
                    waiting.append(record)
                    read_to = record.header.sequence + 1
                for ready in _taken(waiting, from_sequence, until_sequence or record.header.durable):
                    yield ready
        except UnreadableError as error:
            # What is being written looks like that, and what was written before something else does not.
            durable = until_sequence or await reader.durable_by(error.offset)
            for ready in _taken(waiting, from_sequence, durable):
                yield ready
            if durable > read_to:
                raise
        if until_sequence is not None and read_to < until_sequence:
            raise UnreadableError(offset, f"the segment ends before record {read_to}", tearable=False)

    async def _find(self, reader: SegmentReader, segment: Segment, sequence: int) -> tuple[int, int]:
        if self._place is not None and self._place[:2] == (sequence, segment.path):
            return self._place[2], sequence
        return await reader.seek(sequence)


def _taken(waiting: deque[Record], from_sequence: int, durable: int) -> Iterator[Record]:
    """Take those from the front that are among the journal's first `durable` records; show those that are asked for."""
    while waiting and waiting[0].header.sequence < durable:
        record = waiting.popleft()
        if record.header.sequence >= from_sequence:
            yield record
