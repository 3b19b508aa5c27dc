"""Writing to the last segment of a journal."""

import logging
from collections.abc import Sequence

from tongbao.adapters.journal_directory import Segment, Tail, damaged
from tongbao.adapters.segment import HEADER_BYTES, UnreadableError, encode_group, encode_mark
from tongbao.adapters.segment_reader import SegmentReader
from tongbao.centres.registration.ports import Disk, DiskFile
from tongbao.errors import WorldError

__all__ = ["SegmentWriter"]

_log = logging.getLogger(__name__)


class SegmentWriter:
    """The segment that is being written; it knows where the durable part ends and never loses that place.

    Attributes:
        segment: the file and its header.
        end: the byte after the last durable record.
        next_sequence: the sequence after the last durable record's.
        sealed: the segment takes no more records; what comes next belongs to a new one.
    """

    def __init__(self, disk: Disk, segment: Segment, file: DiskFile, tail: Tail) -> None:
        self.segment = segment
        self.end = tail.end
        self.next_sequence = tail.next_sequence
        self.sealed = False
        self._disk = disk
        self._file = file
        self._marked = tail.marked
        self._settled = True

    @property
    def is_empty(self) -> bool:
        """Whether nothing but the header is there."""
        return self.end == HEADER_BYTES

    async def append(self, records: Sequence[bytes]) -> None:
        """Make one group of records durable.

        Raises:
            WorldError: it is not known whether they are; `settle` makes sure that they are not.
            JournalDamageError: an earlier failure took durable records with it.
        """
        await self.settle()
        await self._write(encode_group(self.segment.header.marker, self.next_sequence, records))
        self.next_sequence += len(records)
        self._marked = False

    async def mark(self) -> None:
        """Testify at the segment's end that all before it is durable, unless that stands there."""
        await self.settle()
        if not self._marked:
            await self._write([encode_mark(self.segment.header.marker, self.next_sequence)])
            self._marked = True

    async def _write(self, parts: Sequence[bytes]) -> None:
        self._settled = False  # stays so if this is cancelled or fails
        await self._file.write_durably(self.end, parts)
        self.end += sum(map(len, parts))
        self._settled = True

    async def settle(self) -> None:
        """After a write that failed or was abandoned: cut the file back to its durable end and see that this is there.

        The file is opened anew, because after a failed sync the old handle may say "durable" of what is not.

        Raises:
            WorldError: the disk still fails; ask again later.
            JournalDamageError: durable records cannot be read any more.
        """
        if self._settled:
            return
        await self._close_file()
        self._file = await self._disk.open_to_write(self.segment.path)
        await self._file.truncate(self.end)
        await self._file.sync()
        await self._reread()
        self._settled = True

    async def _reread(self) -> None:
        reader = SegmentReader(self._file, self.segment.header, end=self.end)
        try:
            async for _ in reader.records():
                pass
        except UnreadableError as error:
            raise damaged(self.segment.path, error) from error

    async def _close_file(self) -> None:
        try:
            await self._file.close()
        except WorldError as error:
            _log.warning("closing %s failed: %s", self.segment.path, error)

    async def close(self) -> None:
        """Leave a mark if all is well, and let the file go."""
        try:
            if self._settled:
                await self.mark()
        except WorldError as error:
            _log.warning("%s was closed without a mark: %s", self.segment.path, error)
        finally:
            await self._close_file()
