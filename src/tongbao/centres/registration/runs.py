"""Runs: where each transaction and each lock stands, as ascending entries (`tongbao.kernel.rows`); pure.

New entries are gathered in memory. Once there are `RUN_ENTRIES`, they become a run of level 0; `FANOUT` runs of a level
become one of the next, a slice at a time. So an entry is written once per level, in order, and a search asks few runs
of each level.
"""

from tongbao.kernel.rows import ENTRY_BYTES, first_from

__all__ = ["CHUNK_BYTES", "FANOUT", "RUN_ENTRIES", "cut_behind"]

RUN_ENTRIES = 65_536
"""A megabyte: the work of a second under full load, and what a start gathers again from the batches' rows."""

FANOUT = 4
"""A search asks up to three runs of each level, and a billion entries have seven levels."""

CHUNK_BYTES = 512 * ENTRY_BYTES
"""What a search reads of each run: one row of two pages."""


def cut_behind(entries: bytes, last: bytes) -> tuple[bytes, bytes]:
    """Ascending entries up to `last`, and those above it."""
    cut = first_from(entries, last)
    if entries[cut : cut + ENTRY_BYTES] == last:
        cut += ENTRY_BYTES
    return entries[:cut], entries[cut:]
