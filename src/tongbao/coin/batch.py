"""A batch: what the registration centre orders and journals. Each names its predecessor, so history is a chain."""

import enum
from dataclasses import dataclass

from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import (
    Reader,
    count_u16,
    demand_bytes,
    demand_unsigned,
    sized_u16,
    sized_u32,
    u8,
    u16,
    u32,
    u64,
)
from tongbao.errors import DecodingError, RequestError

__all__ = ["BATCH_BYTES_MAX", "BODY_UNHASHED", "Batch", "BatchHeader", "BatchKind", "statuses_hash"]

BATCH_VERSION = 1
BATCH_BYTES_MAX = 1024 * 1024
"""One batch is one message of the journal, whose replicated engine takes 2 MiB at most."""

BODY_UNHASHED = bytes(HASH_BYTES)
"""Stands in a header for the hash of a body that whoever forms the batch computes."""


class BatchKind(enum.IntEnum):
    """What a batch is for."""

    MONEY = 1
    HEARTBEAT = 2
    """No submissions: ledger time goes on, or a new writer takes over."""


@dataclass(frozen=True, slots=True)
class BatchHeader:
    """What chain_head commits to.

    Attributes:
        kind: money or heartbeat.
        network_id: 32 bytes.
        sequence: its place, from 1 without gaps (0 is genesis).
        previous: chain_head of the batch before; the network id for the first.
        time_ms: ledger time.
        rules: the rules version that judges it.
        applied_sequence: the latest batch that its writer had applied.
        applied_statuses: `statuses_hash` of that batch; zeros for 0.
        body_hash: commits to the submissions with all their signatures.
    """

    kind: BatchKind
    network_id: bytes
    sequence: int
    previous: bytes
    time_ms: int
    rules: int
    applied_sequence: int
    applied_statuses: bytes
    body_hash: bytes

    def __post_init__(self) -> None:
        for name in ("network_id", "previous", "applied_statuses", "body_hash"):
            demand_bytes(name, getattr(self, name), length=HASH_BYTES)
        for name in ("sequence", "time_ms", "applied_sequence"):
            demand_unsigned(name, getattr(self, name), bits=64)
        demand_unsigned("rules", self.rules, bits=32)

    def encode(self) -> bytes:
        """The header's bytes."""
        return self.encode_start() + self.body_hash

    def encode_start(self) -> bytes:
        """The header's bytes but for the hash of the body, with which they end."""
        return b"".join(
            (
                u8(BATCH_VERSION),
                u8(self.kind),
                self.network_id,
                u64(self.sequence),
                self.previous,
                u64(self.time_ms),
                u32(self.rules),
                u64(self.applied_sequence),
                self.applied_statuses,
            )
        )

    def chain_head(self, domain: Domain) -> bytes:
        """The hash by which the next batch names this one, 32 bytes."""
        return domain.hash("tongbao/batch/1", self.encode())

    @staticmethod
    def decode(data: bytes) -> "BatchHeader":
        """The header whose whole encoding is `data`."""
        reader = Reader(data, "batch header")
        version, kind = reader.u8(), reader.u8()
        if version != BATCH_VERSION or kind not in set(BatchKind):
            raise reader.error(f"version {version} with kind {kind} is unknown")
        header = BatchHeader(
            kind=BatchKind(kind),
            network_id=reader.take(HASH_BYTES),
            sequence=reader.u64(),
            previous=reader.take(HASH_BYTES),
            time_ms=reader.u64(),
            rules=reader.u32(),
            applied_sequence=reader.u64(),
            applied_statuses=reader.take(HASH_BYTES),
            body_hash=reader.take(HASH_BYTES),
        )
        reader.finish()
        return header


@dataclass(frozen=True, slots=True)
class Batch:
    """A header with its submissions.

    Attributes:
        header: see `BatchHeader`.
        submissions: encoded submissions in order; none in a heartbeat.
    """

    header: BatchHeader
    submissions: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if (self.header.kind == BatchKind.HEARTBEAT) != (not self.submissions):
            raise RequestError("a heartbeat has no submissions, and every other batch has some", field="submissions")

    @staticmethod
    def body(submissions: tuple[bytes, ...]) -> bytes:
        """The submissions as a batch carries them."""
        return count_u16([sized_u32(submission) for submission in submissions])

    @staticmethod
    def body_hash(submissions: tuple[bytes, ...], domain: Domain) -> bytes:
        """What a header says of its submissions, 32 bytes."""
        return domain.hash("tongbao/batch-body/1", Batch.body(submissions))

    def encode(self) -> bytes:
        """The header behind its length, then the submissions."""
        return sized_u16(self.header.encode()) + self.body(self.submissions)

    @staticmethod
    def decode(data: bytes) -> "Batch":
        """The batch whose whole encoding is `data`; its submissions are not looked into."""
        if len(data) > BATCH_BYTES_MAX:
            raise DecodingError(f"a batch has at most {BATCH_BYTES_MAX} bytes, this one {len(data)}", field="batch")
        reader = Reader(data, "batch")
        header = BatchHeader.decode(reader.sized_u16())
        submissions = tuple([reader.sized_u32(length_max=BATCH_BYTES_MAX) for _ in range(reader.u16())])
        reader.finish()
        return reader.build(Batch, header, submissions)


def statuses_hash(sequence: int, statuses: list[int], domain: Domain) -> bytes:
    """What a later header says of the verdicts on batch `sequence`, 32 bytes."""
    listed = b"".join(u16(status) for status in statuses)
    return domain.hash("tongbao/statuses/1", u64(sequence) + u32(len(statuses)) + listed)
