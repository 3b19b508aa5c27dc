"""The journal: the only truth of the registration centre, as the centre sees it.

Records are opaque bytes numbered from 0: record 0 is genesis, record n is batch n. A journal checks its own checksums
and numbering; that each batch names its predecessor is for whoever can read batches.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tongbao.errors import ConfigurationError, DamageError, NetworkError, StorageError

__all__ = [
    "GROUP_BYTES_MAX",
    "RECORD_BYTES_MAX",
    "FenceLostError",
    "Finding",
    "Journal",
    "JournalDamageError",
    "JournalLockedError",
    "JournalReport",
    "Snapshot",
    "Snapshots",
    "StateDigests",
    "TornTail",
    "UnsettledAppendError",
]

RECORD_BYTES_MAX = 4 * 1024 * 1024  # eight of the largest batches; a damaged length never makes a reader take more
GROUP_BYTES_MAX = 16 * 1024 * 1024  # what one append may hold: it must be durable before its payers lose patience


class FenceLostError(StorageError):
    """The expected sequence is not the next one: somebody else has written. Reread before anything else.

    Attributes:
        expected_sequence: what the writer took for the next sequence.
        next_sequence: what it is.
    """

    def __init__(self, *, expected_sequence: int, next_sequence: int) -> None:
        super().__init__(f"the journal's next sequence is {next_sequence}, the writer expected {expected_sequence}")
        self.expected_sequence = expected_sequence
        self.next_sequence = next_sequence


class UnsettledAppendError(NetworkError):
    """It is not known whether the append happened; append the very same batches again before anything else."""


class JournalLockedError(ConfigurationError):
    """Another process, or another part of this one, has the journal open."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a journal that is not as it was written."""

    file: str
    offset: int
    """Byte in the file at which the record or header begins that cannot be read."""
    reason: str
    cure: str
    """What to do about it, in one or two sentences."""

    def __str__(self) -> str:
        return f"{self.file} at byte {self.offset}: {self.reason}. {self.cure}"


class JournalDamageError(DamageError):
    """Acknowledged records are missing or changed; nothing was repaired and nothing may be written.

    Attributes:
        finding: file, offset, reason and cure.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"the journal is damaged: {finding}")
        self.finding = finding


@dataclass(frozen=True, slots=True)
class TornTail:
    """The end of a write that never finished, so that nobody was told of it."""

    file: str
    offset: int
    """Byte from which on the file was, or would be, cut off."""
    cut_bytes: int
    reason: str
    next_sequence: int
    """The first sequence that the tail did not hold whole."""

    def __str__(self) -> str:
        return (
            f"{self.file} has a torn tail of {self.cut_bytes} bytes from byte {self.offset} on: {self.reason}; "
            f"the next sequence is {self.next_sequence}"
        )


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What a reading of a whole journal found, up to its end or its first damage."""

    network_id: bytes | None
    """None if the first segment's header could not be read."""
    segments: int
    """Segments read whole."""
    records: int
    """Records read and found good; their sequences are 0 to `records - 1`."""
    payload_bytes: int
    in_use: bool
    """Another process has the journal open; its latest write may be seen half done, as a torn tail."""
    torn_tail: TornTail | None
    damage: Finding | None

    @property
    def last_sequence(self) -> int:
        """The last good record's sequence, -1 when there is none."""
        return self.records - 1


class Journal(Protocol):
    """A durable ordered log with one writer."""

    @property
    def last_sequence(self) -> int:
        """The last durable record's sequence, -1 while there is none."""
        ...

    async def append(self, expected_sequence: int, batches: Sequence[bytes]) -> int:
        """Make the batches durable in one write, numbered from `expected_sequence` on; return the last's sequence.

        An append that failed or was cancelled is neither done nor undone; the next call settles which.

        Each batch has 1 to `RECORD_BYTES_MAX` bytes, all together at most `GROUP_BYTES_MAX`.

        Raises:
            FenceLostError: `expected_sequence` is not the next, or another batch took its place meanwhile.
            UnsettledAppendError: too few machines of the journal answer; of the batches, a beginning may be there.
            DiskFullError: there is no room; the same call succeeds once there is.
            JournalDamageError: acknowledged records can no longer be read; nothing will ever be written again.
            StorageError: the disk failed; the same call may succeed later.
        """
        ...

    def read(self, from_sequence: int) -> AsyncIterator[tuple[int, bytes]]:
        """Sequence and bytes of each record that is durable at the first step, in order, from `from_sequence` on.

        Raises:
            JournalDamageError: at the first record that is not what was written.
        """
        ...

    async def close(self) -> None:
        """Let others open the journal; a second time does nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The centre's state after a record, in whatever form the centre gave it."""

    sequence: int
    state: bytes


class Snapshots(Protocol):
    """Copies of the state that make a start quick; the journal stays the truth."""

    async def save(self, sequence: int, parts: Iterable[bytes]) -> None:
        """Durably keep the state after record `sequence`, given in parts, and drop all but the latest few."""
        ...

    async def newest(self) -> Snapshot | None:
        """The latest whole snapshot, or None; damaged ones are passed over with a warning in the log."""
        ...


class StateDigests(Protocol):
    """What the writer says of its state, for replicas to compare with their own."""

    async def publish(self, sequence: int, digest: bytes) -> None:
        """Durably say which digest the state has after record `sequence`."""
        ...

    async def published(self, sequence: int) -> bytes | None:
        """What the writer said of record `sequence`, or None."""
        ...
