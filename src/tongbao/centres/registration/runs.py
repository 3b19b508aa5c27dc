"""Runs: where each transaction and each lock stands, as ascending entries of 16 bytes; pure.

| at | bytes | |
|---|---|---|
| 0 | 8 | key: the first bytes of a transaction's id, or of the lock id of a coin |
| 8 | 8 | place: `COIN_BIT` for a coin, the batch's sequence * 2**20, and which of its transactions or coins it is |

Keys are hashes, cut off: whoever follows an entry compares the whole id that he finds there. New entries are gathered
in memory. Once there are `RUN_ENTRIES`, they become a run of level 0; `FANOUT` runs of a level become one of the next,
a slice at a time. So an entry is written once per level, in order, and a search asks few runs of each level.
"""

import struct
from bisect import bisect_left
from collections.abc import Sequence

from tongbao.kernel.applied import CREATED, VERDICT
from tongbao.kernel.status import Status

__all__ = [
    "CHUNK_BYTES",
    "COIN_BIT",
    "ENTRY_BYTES",
    "FANOUT",
    "KEY_BYTES",
    "PLACE_BITS",
    "RUN_ENTRIES",
    "cut_behind",
    "entries_of",
    "merged",
    "places_of",
]

KEY_BYTES = 8
ENTRY_BYTES = 16

PLACE_BITS = 20
"""A batch of 1 MiB makes fewer than 2**15 coins; sequences up to 2**43 fit beside them into 63 bits."""

COIN_BIT = 1 << 63

RUN_ENTRIES = 65_536
"""A megabyte: the work of a second under full load, and what a start gathers again from the batches' rows."""

FANOUT = 4
"""A search asks up to three runs of each level, and a billion entries have seven levels."""

CHUNK_BYTES = 512 * ENTRY_BYTES
"""What a search reads of each run: one row of two pages."""

_VERDICT_BYTES, _CREATED_BYTES = VERDICT.size, CREATED.size
_STATUS_AT, _LOCK_AT = 32, 82


def entries_of(sequence: int, verdicts: bytes, created: bytes) -> list[bytes]:
    """An entry of each transaction that the batch settled and of each coin that it made, in no particular order.

    `verdicts` and `created` are rows of an `AppliedBatch`.
    """
    keys = [verdicts[at : at + KEY_BYTES] for at in range(0, len(verdicts), _VERDICT_BYTES)]
    start = sequence << PLACE_BITS
    entries = _joined(keys, start)
    if any(verdicts[_STATUS_AT::_VERDICT_BYTES]) or any(verdicts[_STATUS_AT + 1 :: _VERDICT_BYTES]):
        statuses = [status for _, status in VERDICT.iter_unpack(verdicts)]
        entries = [entry for entry, status in zip(entries, statuses, strict=True) if status == Status.SETTLED]
    locks = [created[at : at + KEY_BYTES] for at in range(_LOCK_AT, len(created), _CREATED_BYTES)]
    return entries + _joined(locks, start | COIN_BIT)


def _joined(keys: Sequence[bytes], start: int) -> list[bytes]:
    places = struct.pack(f">{len(keys)}Q", *range(start, start + len(keys)))
    return [key + places[8 * at : 8 * at + 8] for at, key in enumerate(keys)]


def merged(pieces: Sequence[bytes]) -> bytes:
    """The entries of all pieces in ascending order; quick where each of them is ascending."""
    entries = [piece[at : at + ENTRY_BYTES] for piece in pieces for at in range(0, len(piece), ENTRY_BYTES)]
    entries.sort()
    return b"".join(entries)


def cut_behind(entries: bytes, last: bytes) -> tuple[bytes, bytes]:
    """Ascending entries up to `last`, and those above it."""
    cut = _first_from(entries, last)
    if entries[cut : cut + ENTRY_BYTES] == last:
        cut += ENTRY_BYTES
    return entries[:cut], entries[cut:]


def places_of(key: bytes, entries: bytes) -> list[int]:
    """The places that ascending entries have under the key."""
    found = []
    at = _first_from(entries, key)
    while entries[at : at + KEY_BYTES] == key:
        found.append(int.from_bytes(entries[at + KEY_BYTES : at + ENTRY_BYTES], "big"))
        at += ENTRY_BYTES
    return found


def _first_from(entries: bytes, least: bytes) -> int:
    """Where the first entry begins that is not below `least`, a key or an entry."""
    count, width = len(entries) // ENTRY_BYTES, len(least)
    number = bisect_left(range(count), least, key=lambda at: entries[ENTRY_BYTES * at : ENTRY_BYTES * at + width])
    return number * ENTRY_BYTES
