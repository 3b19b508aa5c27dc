"""Reading a journal that grows meanwhile, one's own or a copy: record after record, and never a byte written."""

from collections.abc import AsyncIterator

from tongbao.adapters.journal_directory import Segment, damaged, missing, read_segment
from tongbao.adapters.segment import HEADER_BYTES, UnreadableError, first_sequences, segment_name
from tongbao.adapters.segment_reader import SegmentReader
from tongbao.centres.registration.ports import Disk
from tongbao.errors import ConfigurationError

__all__ = ["JournalFollower"]


class JournalFollower:
    """Remembers how far it has read; what is not whole yet is read again the next time.

    Attributes:
        next_sequence: of the record that comes next.
    """

    def __init__(self, disk: Disk, directory: str) -> None:
        self.next_sequence = 0
        self._disk = disk
        self._directory = directory
        self._segment: Segment | None = None
        self._offset = HEADER_BYTES

    async def read(self) -> AsyncIterator[bytes]:
        """The records that are there now and were not yielded before, in order.

        Raises:
            JournalDamageError: one that is not the last cannot be read, or is missing.
            ConfigurationError: there is no journal in the directory.
            StorageError: the disk fails.
        """
        names = await self._disk.list_directory(self._directory)
        firsts = first_sequences(names)
        if not firsts:
            raise ConfigurationError(f"{self._directory} holds no journal; name the directory with its segment files")
        started = 0 if self._segment is None else self._segment.first_sequence
        for first in firsts:
            if first < started:
                continue
            if self._segment is None or first > self._segment.first_sequence:
                await self._enter(first)
            async for payload in self._read_segment(is_last=first == firsts[-1]):
                yield payload

    async def _enter(self, first: int) -> None:
        if first != self.next_sequence:
            path = f"{self._directory}/{segment_name(first)}"
            raise missing(path, 0, f"record {self.next_sequence} belongs before it and is missing")
        self._segment, self._offset = await read_segment(self._disk, self._directory, first), HEADER_BYTES

    async def _read_segment(self, *, is_last: bool) -> AsyncIterator[bytes]:
        if self._segment is None:
            return
        file = await self._disk.open_to_read(self._segment.path)
        try:
            reader = SegmentReader(file, self._segment.header, end=await file.size())
            async for record in reader.records(self._offset, self.next_sequence):
                self._offset = record.end
                if not record.header.is_mark:
                    self.next_sequence += 1
                    yield record.payload
        except UnreadableError as error:
            if not is_last:
                raise damaged(self._segment.path, error) from error
        finally:
            await file.close()
