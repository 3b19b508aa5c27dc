"""A record of the journal as a message of NATS: numbered, linked to the one before, and known to be of its writer.

The engine is not trusted for integrity. Each message carries a link, a hash over the link before it, the record's
sequence and the record; the first follows from the network's id. Whoever reads two neighbours sees a hole, a change and
a message that came from elsewhere.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "HEADERS_BYTES_MAX",
    "WRITER_BYTES",
    "Point",
    "Record",
    "chained",
    "decode_headers",
    "encode_headers",
    "start_of",
    "stream_sequence",
]

WRITER_BYTES = 16
HEADERS_BYTES_MAX = 1024  # what a message may be larger than its record: headers of ours, and the engine's own

_LINK_DOMAIN = b"tongbao/journal-link/1"
_LINK, _WRITER = "Tongbao-Link", "Tongbao-Writer"
_FENCE = "Nats-Expected-Last-Sequence"
_HEADER = re.compile(rb"^(Tongbao-Link|Tongbao-Writer): ?([0-9a-f]+)\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a journal stands after a record.

    Attributes:
        sequence: of the record; -1 before the first.
        link: 32 bytes, which no other history has.
    """

    sequence: int
    link: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One record with what its message says of it.

    Attributes:
        point: where the journal stands after it.
        writer: 16 bytes, drawn by whoever opened the journal to write it.
        payload: the record.
    """

    point: Point
    writer: bytes
    payload: bytes

    def follows(self, before: Point) -> bool:
        """Whether the record is the one after `before`, unchanged."""
        return self.point == _after(before, self.payload)


def start_of(network_id: bytes) -> Point:
    """Where the journal of a network begins."""
    return Point(-1, network_id)


def stream_sequence(sequence: int) -> int:
    """The engine's number of a record: it counts from 1."""
    return sequence + 1


def chained(before: Point, payloads: Sequence[bytes], *, writer: bytes) -> list[Record]:
    """The payloads as the records after `before`."""
    records = []
    for payload in payloads:
        before = _after(before, payload)
        records.append(Record(before, writer, payload))
    return records


def encode_headers(record: Record) -> dict[str, str]:
    """The headers of the record's message, the fence among them."""
    last = stream_sequence(record.point.sequence) - 1
    return {_FENCE: str(last), _LINK: record.point.link.hex(), _WRITER: record.writer.hex()}


def decode_headers(headers: bytes) -> tuple[bytes, bytes] | None:
    """Link and writer of a message; None where it does not name both once."""
    found = _HEADER.findall(headers)
    values = {name.decode(): bytes.fromhex(value.decode()) for name, value in found if len(value) % 2 == 0}
    if len(found) != 2 or values.keys() != {_LINK, _WRITER}:  # noqa: PLR2004 - link and writer
        return None
    return values[_LINK], values[_WRITER]


def _after(before: Point, payload: bytes) -> Point:
    sequence = before.sequence + 1
    content = _LINK_DOMAIN + before.link + sequence.to_bytes(8) + hashlib.sha256(payload).digest()
    return Point(sequence, hashlib.sha256(content).digest())
