"""The runs of an index in its database, and those entries that are still gathered in memory.

Merging is done a slice at a time, beside what is written anyway: each entry that comes pays for `MERGED_PER_ENTRY` that
are merged. So the runs never lag behind, and no answer waits for more than a slice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sa

from tongbao.centres.registration import tables
from tongbao.centres.registration.run_merge import Merge, Run, in_chunks
from tongbao.centres.registration.runs import FANOUT, RUN_ENTRIES
from tongbao.kernel.rows import ENTRY_BYTES, PLAIN_ROWS, Rows

__all__ = ["RunBook", "RunWork"]

MERGED_PER_ENTRY = 12
"""More than there are levels: a thousand billion entries have twelve."""

CHUNKS_DROPPED = 512
"""Of runs that were merged, at a time: four megabytes."""

_Rows = list[dict[str, object]]


@dataclass(slots=True)
class RunWork:
    """What is written together with the batches that brought it about.

    Attributes:
        chunks: rows of chunks.
        added: runs that are whole with these.
        merged: runs that one of them replaces.
        dropped: chunks that nobody needs any more: run, from, until.
        flushed: whether what was gathered is in one of the runs.
    """

    chunks: _Rows = field(default_factory=list)
    added: list[Run] = field(default_factory=list)
    merged: list[Run] = field(default_factory=list)
    dropped: list[tuple[int, int, int]] = field(default_factory=list)
    flushed: bool = False

    def write(self, connection: sa.Connection) -> None:
        """Write it."""
        tables.INSERT_CHUNK.run_many(connection, self.chunks)
        tables.INSERT_RUN.run_many(connection, [run.row() for run in self.added])
        tables.DELETE_RUN.run_many(connection, [{"old_run": run.number} for run in self.merged])
        names = ("old_run", "from_number", "until_number")
        tables.DELETE_CHUNKS.run_many(connection, [dict(zip(names, each, strict=True)) for each in self.dropped])


class RunBook:
    """Finds the places of keys."""

    def __init__(self, rows: Rows = PLAIN_ROWS) -> None:
        self._rows = rows
        self._runs: list[Run] = []
        # What was gathered, as few pieces of ascending entries, each more than twice as long as the next.
        self._pieces: list[bytes] = []
        self._entries = 0
        self._merge: Merge | None = None
        self._credit = 0
        self._next_run = 1
        # Runs that were merged, or whose merge was given up: number, first chunk that is left, number of chunks.
        self._dropping: list[tuple[int, int, int]] = []

    @property
    def levels(self) -> list[int]:
        """How many runs there are of each level."""
        counts = {level: len(list(same)) for level, same in groupby(sorted(run.level for run in self._runs))}
        return [counts.get(level, 0) for level in range(max(counts, default=-1) + 1)]

    def open(self, connection: sa.Connection) -> None:
        """Learn which runs there are, and drop what is left of merges that did not end; before anything else."""
        known = sa.select(tables.runs.c.run)
        connection.execute(sa.delete(tables.chunks).where(tables.chunks.c.run.not_in(known)))
        for row in connection.execute(sa.select(tables.runs).order_by(tables.runs.c.run)):
            self._runs.append(Run.read(*row))
            self._next_run = row.run + 1

    def gather(self, sequence: int, verdicts: bytes, created: bytes) -> None:
        """Remember a batch's entries."""
        piece = self._rows.entries_of(sequence, verdicts, created)
        if not piece:
            return
        count = len(piece) // ENTRY_BYTES
        self._entries += count
        # Without a merge it would pay for what may come one day.
        spared = 0 if self._merge is None else self._credit
        self._credit = spared + MERGED_PER_ENTRY * count
        joining = [piece]
        while self._pieces and len(self._pieces[-1]) <= 2 * sum(map(len, joining)):
            joining.append(self._pieces.pop())
        self._pieces.append(self._rows.merged(joining) if len(joining) > 1 else piece)

    def find(self, connection: sa.Connection, keys: Iterable[bytes]) -> dict[bytes, list[int]]:
        """The places of each key, in no particular order; those that have none are missing."""
        found = {}
        for key in keys:
            chunks = [(run.number, number) for run in self._runs for number in run.chunks_with(key)]
            pieces = [*self._pieces, *[_read_chunk(connection, *chunk) for chunk in chunks]]
            if places := self._rows.places_of(key, pieces):
                found[key] = places
        return found

    # --- what is due --------------------------------------------------------------------------------------------------

    @property
    def is_due(self) -> bool:
        """Whether there is any work; mostly there is none."""
        is_merging = self._merge is not None or any(count >= FANOUT for count in self.levels)
        return is_merging or self._entries >= RUN_ENTRIES or bool(self._dropping)

    def work(self, connection: sa.Connection) -> RunWork:
        """What is due now. Once it is written `done` must be called, and `give_up` where that failed."""
        work = RunWork()
        if self._entries >= RUN_ENTRIES:
            self._flush(work)
        self._merge_on(connection, work)
        left = CHUNKS_DROPPED
        for run, first, count in self._dropping:
            until = min(count, first + left)
            left -= until - first
            if until > first:
                work.dropped.append((run, first, until))
        return work

    def _flush(self, work: RunWork) -> None:
        run = Run(self._number(), 0)
        work.chunks += [run.add_chunk(each) for each in in_chunks(self._rows.merged(self._pieces))]
        work.added.append(run)
        work.flushed = True

    def _number(self) -> int:
        self._next_run += 1
        return self._next_run - 1

    def _merge_on(self, connection: sa.Connection, work: RunWork) -> None:
        if self._merge is None:
            self._merge = self._due_merge()
        while self._merge is not None and self._credit > 0:
            chunks, taken = self._merge.slice(lambda run, number: _read_chunk(connection, run, number))
            work.chunks += chunks
            self._credit -= taken
            if self._merge.is_whole:
                work.added.append(self._merge.output)
                work.merged += self._merge.inputs
                return

    def _due_merge(self) -> Merge | None:
        for level, count in enumerate(self.levels):
            if count >= FANOUT:
                return Merge([run for run in self._runs if run.level == level][:FANOUT], self._number(), self._rows)
        return None

    def done(self, work: RunWork) -> None:
        """The work is written."""
        if work.flushed:
            self._pieces, self._entries = [], 0
        self._runs = [run for run in self._runs if run not in work.merged] + work.added
        if work.merged:
            self._merge = None
        dropped = {run: until for run, _, until in work.dropped}
        left = [(run, dropped.get(run, first), count) for run, first, count in self._dropping]
        self._dropping = [each for each in left if each[1] < each[2]]
        self._dropping += [(run.number, 0, len(run.fences)) for run in work.merged]

    def give_up(self) -> None:
        """The work could not be written: what was gathered stays so, and the merge begins anew."""
        if self._merge is not None:
            output = self._merge.output
            self._dropping.append((output.number, 0, len(output.fences)))
            self._merge = None


def _read_chunk(connection: sa.Connection, run: int, number: int) -> bytes:
    found: bytes = tables.SELECT_CHUNK.first(connection, {"run": run, "number": number}).entries
    return found
