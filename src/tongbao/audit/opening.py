"""Opening batches: reading them and checking all their signatures together, which every core can do by itself."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tongbao.audit.judge import Basis, PendingSubmission, open_submission
from tongbao.audit.opened import OpenedBatch, Signature
from tongbao.coin import Batch, Domain, Limits, PublicKey
from tongbao.coin.suites import verify_signature
from tongbao.errors import RequestError

__all__ = ["Unreadable", "Verifier", "chain_head_of", "open_batches", "verify_by_coin"]

Verifier = Callable[[Sequence[Signature]], Sequence[bool]]
"""Says of each signature whether it is valid."""


def verify_by_coin(signatures: Sequence[Signature]) -> list[bool]:
    """Check each signature by its suite's one rule, with the libraries that `coin` uses."""
    return [_is_valid(*each) for each in signatures]


def _is_valid(suite: int, key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        verify_signature(PublicKey(suite, key), signature, message)
    except RequestError:
        return False
    return True


class Unreadable(NamedTuple):
    """A record that is no batch, and why."""

    reason: str


def open_batches(
    records: Sequence[bytes], domain: Domain, limits: Limits, verify: Verifier
) -> list[OpenedBatch | Unreadable]:
    """Open the records, each by the rules that its header names, or say why one is no batch."""
    read = [_read(record, domain, limits) for record in records]
    signatures = [
        signature
        for each in read
        if not isinstance(each, Unreadable)
        for submission in each[1]
        for signature in submission.signatures()
    ]
    valid = iter(verify(signatures))
    return [each if isinstance(each, Unreadable) else _opened(*each, domain, valid) for each in read]


def chain_head_of(record: bytes, domain: Domain) -> bytes:
    """By what the next batch names the batch of a record; empty where it is none."""
    try:
        return Batch.decode(record).header.chain_head(domain)
    except RequestError:
        return b""


_Read = tuple[Batch, list[PendingSubmission]]


def _read(record: bytes, domain: Domain, limits: Limits) -> _Read | Unreadable:
    try:
        batch = Batch.decode(record)
    except RequestError as error:
        return Unreadable(f"the record is no batch: {error}")
    basis = Basis(domain, limits, batch.header.rules)
    return batch, [open_submission(submission, basis) for submission in batch.submissions]


def _opened(
    batch: Batch, submissions: Sequence[PendingSubmission], domain: Domain, valid: Iterator[bool]
) -> OpenedBatch:
    return OpenedBatch(
        header=batch.header,
        body_hash=Batch.body_hash(batch.submissions, domain),
        chain_head=batch.header.chain_head(domain),
        submissions=tuple([submission.settle(valid) for submission in submissions]),
    )
