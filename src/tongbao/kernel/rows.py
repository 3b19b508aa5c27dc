"""What a writer of batches makes of their rows: the tree of receipts, and entries by which an index finds them.

An entry has 16 bytes, so that entries in ascending order are bytes in ascending order:

| at | bytes | |
|---|---|---|
| 0 | 8 | key: the first bytes of a transaction's id, or of the lock id of a coin |
| 8 | 8 | place: `COIN_BIT` for a coin, the batch's sequence * 2**20, and which of its transactions or coins it is |

Keys are hashes, cut off: whoever follows an entry compares the whole id that he finds there.
"""

import struct
from bisect import bisect_left
from collections.abc import Sequence
from typing import Protocol

from tongbao.coin.domain import Domain
from tongbao.coin.merkle import tree_levels
from tongbao.coin.receipt import receipt_leaf
from tongbao.kernel.applied import CREATED, VERDICT
from tongbao.kernel.status import Status

__all__ = ["COIN_BIT", "ENTRY_BYTES", "KEY_BYTES", "PLACE_BITS", "PLAIN_ROWS", "Rows", "first_from"]

KEY_BYTES = 8
ENTRY_BYTES = 16

PLACE_BITS = 20
"""A batch of 1 MiB makes fewer than 2**15 coins; sequences up to 2**43 fit beside them into 63 bits."""

COIN_BIT = 1 << 63

_VERDICT_BYTES, _CREATED_BYTES = VERDICT.size, CREATED.size
_STATUS_AT, _LOCK_AT = 32, 82


class Rows(Protocol):
    """How it is made; each kernel has its way, and all come to the same bytes."""

    def receipt_levels(self, verdicts: bytes, sequence: int, domain: Domain) -> list[bytes]:
        """The Merkle tree over the verdicts on batch `sequence`: its levels, leaves first, the hashes of each joined.

        `verdicts` are rows of `VERDICT`; where there is none, there is one empty level.
        """
        ...

    def entries_of(self, sequence: int, verdicts: bytes, created: bytes) -> bytes:
        """An entry of each transaction that the batch settled and of each coin that it made, ascending and joined.

        `verdicts` and `created` are rows of an `AppliedBatch`.
        """
        ...

    def merged(self, pieces: Sequence[bytes]) -> bytes:
        """The entries of all pieces, ascending and joined; quick where each piece is ascending."""
        ...

    def places_of(self, key: bytes, pieces: Sequence[bytes]) -> list[int]:
        """The places that the pieces, each of ascending entries, have under the key of `KEY_BYTES`."""
        ...


class _PlainRows:
    """In Python: the specification."""

    def receipt_levels(self, verdicts: bytes, sequence: int, domain: Domain) -> list[bytes]:
        leaves = [
            receipt_leaf(identity, status, sequence, domain) for identity, status in VERDICT.iter_unpack(verdicts)
        ]
        return [b"".join(level) for level in tree_levels(leaves, domain)]

    def entries_of(self, sequence: int, verdicts: bytes, created: bytes) -> bytes:
        keys = [verdicts[at : at + KEY_BYTES] for at in range(0, len(verdicts), _VERDICT_BYTES)]
        start = sequence << PLACE_BITS
        entries = _joined(keys, start)
        if any(verdicts[_STATUS_AT::_VERDICT_BYTES]) or any(verdicts[_STATUS_AT + 1 :: _VERDICT_BYTES]):
            statuses = [status for _, status in VERDICT.iter_unpack(verdicts)]
            entries = [entry for entry, status in zip(entries, statuses, strict=True) if status == Status.SETTLED]
        locks = [created[at : at + KEY_BYTES] for at in range(_LOCK_AT, len(created), _CREATED_BYTES)]
        return b"".join(sorted(entries + _joined(locks, start | COIN_BIT)))

    def merged(self, pieces: Sequence[bytes]) -> bytes:
        entries = [piece[at : at + ENTRY_BYTES] for piece in pieces for at in range(0, len(piece), ENTRY_BYTES)]
        entries.sort()
        return b"".join(entries)

    def places_of(self, key: bytes, pieces: Sequence[bytes]) -> list[int]:
        found = []
        for piece in pieces:
            at = first_from(piece, key)
            while piece[at : at + KEY_BYTES] == key:
                found.append(int.from_bytes(piece[at + KEY_BYTES : at + ENTRY_BYTES], "big"))
                at += ENTRY_BYTES
        return found


PLAIN_ROWS: Rows = _PlainRows()
"""In Python; another way gives the same bytes."""


def first_from(entries: bytes, least: bytes) -> int:
    """The byte at which the first of ascending entries begins that is not below `least`, a key or an entry."""
    count, width = len(entries) // ENTRY_BYTES, len(least)
    number = bisect_left(range(count), least, key=lambda at: entries[ENTRY_BYTES * at : ENTRY_BYTES * at + width])
    return number * ENTRY_BYTES


def _joined(keys: Sequence[bytes], start: int) -> list[bytes]:
    places = struct.pack(f">{len(keys)}Q", *range(start, start + len(keys)))
    return [key + places[8 * at : 8 * at + 8] for at, key in enumerate(keys)]
