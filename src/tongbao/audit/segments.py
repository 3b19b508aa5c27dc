"""Reading a journal's segments, from docs/reference/journal.md: records with their places, a torn tail, or damage."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from tongbao.audit.divergence import DivergenceError, Place

__all__ = ["Record", "Segment", "TornTail", "first_sequence_of", "segment_name"]

MAGIC = b"TONGBAOJ"
VERSION = 1
PAYLOAD_BYTES_MAX = 4_194_304

_HEADER = struct.Struct(">8sIQ32s8sI")
_RECORD = struct.Struct(">8sQQIII")
_CHECKED_HEADER_BYTES = _HEADER.size - 4
_CHECKED_RECORD_BYTES = _RECORD.size - 4
_DIGITS = 20


class Record(NamedTuple):
    """A record with its place."""

    place: Place
    payload: bytes
    end: int


class TornTail(NamedTuple):
    """What an unfinished write has left at the very end: from which byte, how many of them, and why none is read."""

    place: Place
    bytes: int
    reason: str


def segment_name(first_sequence: int) -> str:
    """The file that holds the records from `first_sequence` on."""
    return f"journal-{first_sequence:0{_DIGITS}d}.segment"


def first_sequence_of(name: str) -> int | None:
    """The first sequence of a segment by its file's name; None for any other file."""
    digits = name.removeprefix("journal-").removesuffix(".segment")
    is_number = len(digits) == _DIGITS and digits.isascii() and digits.isdigit()
    return int(digits) if is_number and segment_name(int(digits)) == name else None


class _UnreadableError(Exception):
    """No whole record stands at a place; a write that never finished may have left that."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Segment:
    """One segment file.

    Attributes:
        name: the file.
        data: all its bytes.
        first_sequence: what its name says.
        is_last: whether no segment follows it, so that its end may be torn.
    """

    name: str
    data: bytes
    first_sequence: int
    is_last: bool
    next_sequence: int = 0
    torn_tail: TornTail | None = None
    _marker: bytes = b""

    def open(self) -> bytes:
        """Read the header and return the network id.

        Raises:
            DivergenceError: it is not what was written, or not that of a segment of this name.
        """
        start = Place(self.name, 0, self.first_sequence)
        if len(self.data) < _HEADER.size:
            raise DivergenceError(start, f"the segment's header has {len(self.data)} of {_HEADER.size} bytes")
        magic, version, first, network_id, self._marker, check = _HEADER.unpack_from(self.data)
        if check != zlib.crc32(self.data[:_CHECKED_HEADER_BYTES]):
            raise DivergenceError(start, "the checksum of the segment's header does not match")
        if (magic, version) != (MAGIC, VERSION):
            raise DivergenceError(start, f"the segment has format {magic!r} {version}, and {VERSION} is what is known")
        if first != self.first_sequence:
            raise DivergenceError(start, f"the header is that of the segment from record {first} on")
        return bytes(network_id)

    def records(self, offset: int = _HEADER.size, sequence: int | None = None) -> Iterator[Record]:
        """The records from a byte on, of which the first has the sequence; `torn_tail` says how the segment ends.

        Raises:
            DivergenceError: at the first that cannot be read or is not the next.
        """
        self.next_sequence = self.first_sequence if sequence is None else sequence
        while offset < len(self.data):
            place = Place(self.name, offset, self.next_sequence)
            try:
                found, payload = self._record_at(offset)
            except _UnreadableError as error:
                self._end(place, error.reason)
                return
            _, number, durable, length, _, _ = found
            if number != self.next_sequence or durable > number:
                raise DivergenceError(place, f"record {number} stands where record {self.next_sequence} belongs")
            offset += _RECORD.size + length
            if length:
                yield Record(place, payload, offset)
                self.next_sequence += 1

    def _record_at(self, offset: int) -> tuple[tuple[bytes, int, int, int, int, int], bytes]:
        header = self._header_at(offset)
        length = header[3]
        if length > PAYLOAD_BYTES_MAX:
            raise _UnreadableError(f"the record claims {length} bytes")
        payload = self.data[offset + _RECORD.size : offset + _RECORD.size + length]
        if len(payload) < length:
            raise _UnreadableError(f"the record has {len(payload)} of {length} bytes")
        if zlib.crc32(payload) != header[4]:
            raise _UnreadableError("the checksum of the record does not match")
        return header, payload

    def _header_at(self, offset: int) -> tuple[bytes, int, int, int, int, int]:
        piece = self.data[offset : offset + _RECORD.size]
        if len(piece) < _RECORD.size:
            raise _UnreadableError(f"a record's header has {len(piece)} of {_RECORD.size} bytes")
        header: tuple[bytes, int, int, int, int, int] = _RECORD.unpack(piece)
        if header[0] != self._marker:
            raise _UnreadableError("no record begins here")
        if header[5] != zlib.crc32(piece[:_CHECKED_RECORD_BYTES]):
            raise _UnreadableError("the checksum of a record's header does not match")
        return header

    def _end(self, place: Place, reason: str) -> None:
        """Tell a torn tail, which nobody was told of, from damage to what was acknowledged."""
        if not self.is_last:
            raise DivergenceError(place, f"{reason}, and another segment follows: the journal is damaged")
        if self._durable_after(place.offset) > self.next_sequence:
            raise DivergenceError(place, f"{reason}, and what was written later says that it was durable")
        self.torn_tail = TornTail(place, len(self.data) - place.offset, reason)

    def _durable_after(self, offset: int) -> int:
        """How many records were durable by the word of any whole record header from the byte on; 0 if there is none."""
        durable = 0
        offset = self.data.find(self._marker, offset)
        while offset >= 0:
            with suppress(_UnreadableError):  # a marker without a whole header says nothing
                durable = max(durable, self._header_at(offset)[2])
            offset = self.data.find(self._marker, offset + len(self._marker))
        return durable
