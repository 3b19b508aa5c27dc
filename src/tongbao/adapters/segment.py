"""The bytes of a journal's segment: `docs/reference/journal.md` is this file in words.

A segment is one header and then records. Each record begins with its segment's marker, eight bytes that were drawn when
the segment was made: nobody outside knows them, so no payload can be made to look like a record. Each record says how
many records were durable before it was written, which is what tells a torn tail from damage.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tongbao.centres.registration.journal import RECORD_BYTES_MAX
from tongbao.errors import ConfigurationError, DamageError, InvariantError

__all__ = [
    "HEADER_BYTES",
    "MARKER_BYTES",
    "RECORD_HEADER_BYTES",
    "RecordHeader",
    "SegmentHeader",
    "UnreadableError",
    "check_payload",
    "encode_group",
    "encode_mark",
    "first_sequences",
    "segment_name",
    "sequence_of",
]

MAGIC = b"TONGBAOJ"
VERSION = 1
MARKER_BYTES = 8

_HEADER = struct.Struct(">8sIQ32s8s")
_RECORD = struct.Struct(">8sQQII")
_CRC = struct.Struct(">I")
HEADER_BYTES = _HEADER.size + _CRC.size
RECORD_HEADER_BYTES = _RECORD.size + _CRC.size

_PREFIX, _SUFFIX, _DIGITS = "journal-", ".segment", 20  # 20 digits hold any u64, so names sort by number


class UnreadableError(DamageError):
    """There is no good header or record at a place in a segment.

    Attributes:
        offset: the byte at which it should begin.
        reason: what is wrong with it.
        tearable: a write that never finished could have left this.
    """

    def __init__(self, offset: int, reason: str, *, tearable: bool = True) -> None:
        super().__init__(f"byte {offset}: {reason}")
        self.offset = offset
        self.reason = reason
        self.tearable = tearable


def segment_name(first_sequence: int) -> str:
    """The file that holds the records from `first_sequence` on."""
    return f"{_PREFIX}{first_sequence:0{_DIGITS}d}{_SUFFIX}"


def sequence_of(name: str) -> int | None:
    """The first sequence of a segment by its file's name; None for any other file."""
    digits = name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    sequence = int(digits)
    return sequence if segment_name(sequence) == name else None


def first_sequences(names: Iterable[str]) -> list[int]:
    """The first sequences of the segments among files of these names, in order."""
    return sorted(first for name in names if (first := sequence_of(name)) is not None)


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """The first bytes of a segment; a segment gets its name only after they are durable."""

    first_sequence: int
    network_id: bytes
    marker: bytes
    """Begins each record of this segment and nothing else."""

    def encode(self) -> bytes:
        """The header's bytes."""
        content = _HEADER.pack(MAGIC, VERSION, self.first_sequence, self.network_id, self.marker)
        return content + _CRC.pack(zlib.crc32(content))

    @classmethod
    def decode(cls, data: bytes) -> "SegmentHeader":
        """The header at the start of a segment.

        Raises:
            UnreadableError: it is not what was written.
            ConfigurationError: it is whole, and a newer program wrote it.
        """
        if len(data) < HEADER_BYTES:
            raise UnreadableError(0, f"the segment's header has {len(data)} of {HEADER_BYTES} bytes", tearable=False)
        if _CRC.unpack_from(data, _HEADER.size)[0] != zlib.crc32(data[: _HEADER.size]):
            raise UnreadableError(0, "the checksum of the segment's header does not match", tearable=False)
        magic, version, first_sequence, network_id, marker = _HEADER.unpack_from(data)
        if (magic, version) != (MAGIC, VERSION):
            raise ConfigurationError(f"the journal has format {magic!r} {version}, this program reads {VERSION}")
        return cls(first_sequence, network_id, marker)


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """What stands before a record's payload."""

    sequence: int
    durable: int
    """How many records were durable when this one was written: those before its group commit."""
    length: int
    """Bytes of payload; 0 for a mark, which only says that all before it is durable."""
    payload_crc: int

    @property
    def is_mark(self) -> bool:
        """Whether this is a mark rather than a record."""
        return self.length == 0

    def encode(self, marker: bytes) -> bytes:
        """The header's bytes in the segment of that marker."""
        content = _RECORD.pack(marker, self.sequence, self.durable, self.length, self.payload_crc)
        return content + _CRC.pack(zlib.crc32(content))

    @classmethod
    def decode(cls, data: bytes, offset: int, marker: bytes) -> "RecordHeader":
        """The record header in `data`, which was read at `offset` of the segment.

        Raises:
            UnreadableError: there is none.
        """
        if len(data) < RECORD_HEADER_BYTES:
            raise UnreadableError(offset, f"a record's header has {len(data)} of {RECORD_HEADER_BYTES} bytes")
        if not any(data):
            raise UnreadableError(offset, "there are zeros where a record should begin")
        if not data.startswith(marker):
            raise UnreadableError(offset, "no record begins here")
        if _CRC.unpack_from(data, _RECORD.size)[0] != zlib.crc32(data[: _RECORD.size]):
            raise UnreadableError(offset, "the checksum of a record's header does not match")
        _, sequence, durable, length, payload_crc = _RECORD.unpack_from(data)
        return cls(sequence, durable, length, payload_crc)


def check_payload(header: RecordHeader, payload: bytes, offset: int) -> None:
    """Refuse a payload that is not the one the header was written for.

    Raises:
        UnreadableError: it is short or changed.
    """
    if len(payload) < header.length:
        raise UnreadableError(offset, f"record {header.sequence} has {len(payload)} of {header.length} bytes")
    if zlib.crc32(payload) != header.payload_crc:
        raise UnreadableError(offset, f"the checksum of record {header.sequence} does not match")


def encode_group(marker: bytes, first_sequence: int, records: Sequence[bytes]) -> list[bytes]:
    """The pieces of one group commit; payloads are passed on as they are, without a copy."""
    parts: list[bytes] = []
    for sequence, payload in enumerate(records, first_sequence):
        if not 0 < len(payload) <= RECORD_BYTES_MAX:
            raise InvariantError(f"record {sequence} has {len(payload)} bytes, must have 1 to {RECORD_BYTES_MAX}")
        header = RecordHeader(sequence, first_sequence, len(payload), zlib.crc32(payload))
        parts += (header.encode(marker), payload)
    return parts


def encode_mark(marker: bytes, next_sequence: int) -> bytes:
    """A mark: every record before `next_sequence` is durable."""
    return RecordHeader(next_sequence, next_sequence, 0, 0).encode(marker)
