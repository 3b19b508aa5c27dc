"""What the auditor needs of a batch once it is opened and its signatures are checked: small, and quick to hand over."""

from typing import NamedTuple

from tongbao.coin import BatchHeader, Kind

__all__ = ["Made", "Opened", "OpenedBatch", "OpenedSubmission", "Signature", "Spent", "Word"]

Signature = tuple[int, bytes, bytes, bytes]
"""Suite, key, signature, and the 32 bytes that were signed."""


class Spent(NamedTuple):
    """An input: the coin's id, what its opening says, and the ledger time from which the way it was opened is open."""

    coin_id: bytes
    asset: int
    value: int
    home: int
    lock_id: bytes
    open_from_ms: int


class Made(NamedTuple):
    """An output, with the id that the coin has once it is made."""

    coin_id: bytes
    asset: int
    value: int
    home: int
    lock_id: bytes


class Word(NamedTuple):
    """An acceptance: whose word, by which encoded key, until when, and for which lock and asset how much."""

    home: int
    key: bytes
    expiry_ms: int
    allowed: dict[tuple[bytes, int], int]


class Opened(NamedTuple):
    """A transaction.

    `refusal` is the number of the first status that its bytes alone give rise to, 0 if there is none; then the other
    fields hold. `approvals` are encoded keys whose signatures hold. `operation` is number and payload of a control
    operation, else empty.
    """

    identity: bytes
    refusal: int
    kind: Kind
    expiry_ms: int
    serial: int
    spent: tuple[Spent, ...]
    made: tuple[Made, ...]
    words: tuple[Word, ...]
    approvals: tuple[bytes, ...]
    operation: bytes


class OpenedSubmission(NamedTuple):
    """A submission: who endorsed it with which encoded key, and its transactions.

    `refusal` is the first status that its bytes give rise to, and `place` the transaction that it is about.
    """

    home: int
    key: bytes
    refusal: int
    place: int
    transactions: tuple[Opened, ...]


class OpenedBatch(NamedTuple):
    """A batch: its header, what the header should say of its body, its own name, and its submissions."""

    header: BatchHeader
    body_hash: bytes
    chain_head: bytes
    submissions: tuple[OpenedSubmission, ...]
