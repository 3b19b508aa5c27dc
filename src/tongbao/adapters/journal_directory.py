"""What lies in a journal's directory, and whether it is whole, torn at its end, or damaged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tongbao.adapters.segment import (
    HEADER_BYTES,
    RECORD_HEADER_BYTES,
    SegmentHeader,
    UnreadableError,
    first_sequences,
    segment_name,
)
from tongbao.adapters.segment_reader import Record, SegmentReader, read_header
from tongbao.centres.registration.journal import Finding, JournalDamageError, TornTail
from tongbao.centres.registration.ports import Disk, DiskFile
from tongbao.errors import ConfigurationError

__all__ = [
    "LOCK_NAME",
    "Segment",
    "Tail",
    "check_reaches",
    "check_sealed",
    "damaged",
    "examine",
    "examine_sealed",
    "read_segments",
]

LOCK_NAME = "journal.lock"

CURE_DAMAGE = (
    "Acknowledged payments are in it, so repair nothing by hand: keep a copy of the directory as it is, put this file "
    "back from a copy that `tongbao journal verify` finds good, and verify again before the next start"
)
CURE_MISSING = (
    "Acknowledged payments were in what is missing: put the newest copy of the journal's files back and verify it "
    "before the next start"
)
CURE_ORDER = "The writer itself went wrong: keep a copy of the directory, start nothing on it, and report the defect"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment file whose header is good."""

    path: str
    header: SegmentHeader

    @property
    def first_sequence(self) -> int:
        """The sequence of the segment's first record."""
        return self.header.first_sequence


@dataclass(slots=True)
class Tail:
    """How a segment ends."""

    end: int
    """The byte after the last whole record."""
    next_sequence: int
    marked: bool = False
    """A mark stands at the end: all before it is known to be durable."""
    torn: TornTail | None = None


def damaged(path: str, error: UnreadableError) -> JournalDamageError:
    """The error that stops a journal at an unreadable place."""
    return JournalDamageError(Finding(path, error.offset, error.reason, CURE_DAMAGE))


def missing(path: str, offset: int, reason: str) -> JournalDamageError:
    """The error that stops a journal in which records are missing from a place on."""
    return JournalDamageError(Finding(path, offset, reason, CURE_MISSING))


async def read_segment(disk: Disk, directory: str, first_sequence: int) -> Segment:
    """Read a segment's header and hold it against the file's name.

    Raises:
        JournalDamageError: the header is not what was written, or the file not the one of this name.
    """
    path = f"{directory}/{segment_name(first_sequence)}"
    file = await disk.open_to_read(path)
    try:
        header = await read_header(file)
    except UnreadableError as error:
        raise damaged(path, error) from error
    finally:
        await file.close()
    if header.first_sequence != first_sequence:
        reason = f"the header belongs to the segment from record {header.first_sequence} on"
        raise damaged(path, UnreadableError(0, reason))
    return Segment(path, header)


async def read_segments(
    disk: Disk, directory: str, names: Sequence[str], *, network_id: bytes | None = None
) -> list[Segment]:
    """The journal's segments in order; each belongs to the network, if one is given, and all to one.

    Raises:
        JournalDamageError: a header is damaged or the first segment is missing.
        ConfigurationError: the journal is another network's.
    """
    firsts = first_sequences(names)
    if firsts and firsts[0] != 0:
        raise missing(f"{directory}/{segment_name(0)}", 0, "the journal's first segment is missing")
    segments: list[Segment] = []
    for first in firsts:
        segment = await read_segment(disk, directory, first)
        network_id = segment.header.network_id if network_id is None else network_id
        if segment.header.network_id != network_id:
            raise ConfigurationError(
                f"{segment.path} belongs to the network {segment.header.network_id.hex()}, not to {network_id.hex()}; "
                "name the directory of this network, or an empty one"
            )
        segments.append(segment)
    return segments


async def examine(segment: Segment, file: DiskFile, visit: Callable[[Record], None] | None = None) -> Tail:
    """Read a whole segment and say how it ends.

    A place that cannot be read is a torn tail only if no record header after it was written later: such a header says
    how many records were durable before its write, and the unreadable one would be among them.

    Raises:
        JournalDamageError: durable records cannot be read.
    """
    size = await file.size()
    reader = SegmentReader(file, segment.header, end=size)
    tail = Tail(HEADER_BYTES, segment.first_sequence)
    try:
        async for record in reader.records():
            if visit is not None and not record.header.is_mark:
                visit(record)
            tail.end, tail.marked = record.end, record.header.is_mark
            tail.next_sequence += not tail.marked
    except UnreadableError as error:
        if not error.tearable:
            raise JournalDamageError(Finding(segment.path, error.offset, error.reason, CURE_ORDER)) from error
        if await reader.durable_by(error.offset) > tail.next_sequence:
            raise damaged(segment.path, error) from error
        tail.torn = TornTail(segment.path, tail.end, size - tail.end, error.reason, tail.next_sequence)
    return tail


async def examine_sealed(
    segment: Segment, file: DiskFile, following: Segment, visit: Callable[[Record], None] | None = None
) -> None:
    """Read a whole segment that has another one after it: it can have no torn tail.

    Raises:
        JournalDamageError: it cannot be read, or does not reach the next segment.
    """
    tail = await examine(segment, file, visit)
    if tail.torn is not None:
        raise damaged(segment.path, UnreadableError(tail.torn.offset, tail.torn.reason))
    if tail.next_sequence != following.first_sequence:
        reason = f"it ends before record {tail.next_sequence}, and the next segment begins with {following.path}"
        raise missing(segment.path, tail.end, reason)


async def check_sealed(disk: Disk, segment: Segment, following: Segment) -> None:
    """See by the mark at its end that a sealed segment reaches the next one; read it whole only if that fails.

    Raises:
        JournalDamageError: it does not.
    """
    file = await disk.open_to_read(segment.path)
    try:
        size = await file.size()
        try:
            mark = await SegmentReader(file, segment.header, end=size).header_at(size - RECORD_HEADER_BYTES)
        except UnreadableError:
            mark = None
        if mark is None or not mark.is_mark or mark.sequence != following.first_sequence:
            await examine_sealed(segment, file, following)
    finally:
        await file.close()


def check_reaches(directory: str, last: Segment | None, tail: Tail | None, *, at_least_sequence: int) -> None:
    """Refuse a journal that ends before a record which somebody else knows was acknowledged.

    Raises:
        JournalDamageError: it does.
    """
    next_sequence = 0 if tail is None else tail.next_sequence
    if next_sequence > at_least_sequence:
        return
    path = f"{directory}/{segment_name(0)}" if last is None else last.path
    reason = f"the journal ends before record {next_sequence}, and record {at_least_sequence} was acknowledged"
    raise missing(path, 0 if tail is None else tail.end, reason)
