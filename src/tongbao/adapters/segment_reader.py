"""Reading a segment: record after record, by search, or around a place that cannot be read."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from tongbao.adapters.segment import (
    HEADER_BYTES,
    MARKER_BYTES,
    RECORD_HEADER_BYTES,
    RecordHeader,
    SegmentHeader,
    UnreadableError,
    check_payload,
)
from tongbao.centres.registration.journal import RECORD_BYTES_MAX
from tongbao.centres.registration.ports import DiskFile

__all__ = ["Record", "SegmentReader", "read_header"]

WINDOW_BYTES = 1024 * 1024  # one read: large enough to be fast, small enough to hold many at once


@dataclass(frozen=True, slots=True)
class Record:
    """A record, or a mark, with its place."""

    offset: int
    header: RecordHeader
    payload: bytes

    @property
    def end(self) -> int:
        """The byte after the record."""
        return self.offset + RECORD_HEADER_BYTES + self.header.length


async def read_header(file: DiskFile) -> SegmentHeader:
    """The segment's header.

    Raises:
        UnreadableError: it is not what was written.
        ConfigurationError: a newer program wrote it.
    """
    return SegmentHeader.decode(await file.read(0, HEADER_BYTES))


class SegmentReader:
    """Reads the records of a segment up to a byte."""

    def __init__(self, file: DiskFile, header: SegmentHeader, *, end: int) -> None:
        self._file = file
        self._header = header
        self._end = end
        self._window = b""
        self._window_offset = 0

    async def _bytes_at(self, offset: int, count: int) -> bytes:
        count = min(count, self._end - offset)
        if not self._window_offset <= offset <= offset + count <= self._window_offset + len(self._window):
            self._window = await self._file.read(offset, min(max(count, WINDOW_BYTES), self._end - offset))
            self._window_offset = offset
        start = offset - self._window_offset
        return self._window[start : start + count]

    async def header_at(self, offset: int) -> RecordHeader:
        """The record header at the offset.

        Raises:
            UnreadableError: there is none.
        """
        data = await self._bytes_at(offset, RECORD_HEADER_BYTES)
        return RecordHeader.decode(data, offset, self._header.marker)

    async def record_at(self, offset: int) -> Record:
        """The record at the offset.

        Raises:
            UnreadableError: there is no whole one.
        """
        header = await self.header_at(offset)
        if header.length > RECORD_BYTES_MAX:
            raise UnreadableError(offset, f"record {header.sequence} claims {header.length} bytes", tearable=False)
        payload = await self._bytes_at(offset + RECORD_HEADER_BYTES, header.length)
        check_payload(header, payload, offset)
        return Record(offset, header, payload)

    async def records(self, offset: int = HEADER_BYTES, sequence: int | None = None) -> AsyncIterator[Record]:
        """The records and marks from the offset on, the first of them with the sequence (the segment's first if None).

        Raises:
            UnreadableError: at the first that cannot be read or is not the next.
        """
        expected = self._header.first_sequence if sequence is None else sequence
        while offset < self._end:
            record = await self.record_at(offset)
            header = record.header
            if header.sequence != expected or header.durable > expected:
                reason = f"record {header.sequence} stands where record {expected} belongs"
                raise UnreadableError(offset, reason, tearable=False)
            yield record
            offset = record.end
            expected += not header.is_mark

    async def _find_marker(self, offset: int, end: int) -> int | None:
        while offset + MARKER_BYTES <= end:
            count = min(WINDOW_BYTES, end - offset)
            place = (await self._bytes_at(offset, count)).find(self._header.marker)
            if place >= 0:
                return offset + place
            offset += count - MARKER_BYTES + 1
        return None

    async def durable_by(self, offset: int) -> int:
        """How many records were durable by the testimony of any whole record header from the offset on; 0 if none.

        A header testifies even if its payload never arrived: that its write was begun is enough.
        """
        durable = 0
        while (place := await self._find_marker(offset, self._end)) is not None:
            with suppress(UnreadableError):  # a marker whose header is torn or damaged testifies to nothing
                durable = max(durable, (await self.header_at(place)).durable)
            offset = place + MARKER_BYTES
        return durable

    async def seek(self, sequence: int) -> tuple[int, int]:
        """Offset and sequence of a record or mark at or before the wanted record and near it, by halving."""
        low, low_sequence, high = HEADER_BYTES, self._header.first_sequence, self._end
        while high - low > WINDOW_BYTES:
            middle = (low + high) // 2
            place = await self._find_marker(middle, high)
            if place is None:
                high = middle
                continue
            try:
                header = await self.header_at(place)
            except UnreadableError:
                break  # whoever reads on from here finds the damage in its order
            if header.sequence <= sequence:
                low, low_sequence = place, header.sequence
            else:
                high = middle
        return low, low_sequence
