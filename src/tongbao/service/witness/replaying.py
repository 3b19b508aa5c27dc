"""What a witness that replays demands of a checkpoint: that the log's entries are the verdicts of the journal.

Every record is judged and applied anew by a kernel of this process, so that a coin minted inside a batch, a signature
that does not hold, or a verdict that the log misstates gives another root, and no cosignature.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace

from tongbao.adapters.journal_follow import JournalFollower
from tongbao.errors import BusyError, DamageError, RefusedError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.entries import verdict_rows
from tongbao.evidence.tiles import ENTRY_ROW_BYTES, TileTail, entry_row
from tongbao.kernel import Kernel
from tongbao.service.journal_replay import JournalReplay

__all__ = ["ReplayedHistory", "StatementAt"]

REPLAY_S_MAX = 5.0  # of one demand: a log waits ten seconds, and comes again
# Replayed and in no checkpoint yet, 34 bytes each; a log that lags by more has stopped, and so does the replay.
ROWS_WAITING_BYTES_MAX = 4_000_000 * ENTRY_ROW_BYTES
RETRY_AFTER_S = 2

StatementAt = Callable[[int, int], bytes | None]
"""The entry of a statement of the supply that stands behind the batch of that sequence at that index, if one does."""


def _no_statement(_sequence: int, _index: int) -> None:
    return None


@dataclass(slots=True)
class _Standing:
    """How far the log was found right.

    Attributes:
        tail: its tree up to there.
        sequence: the last batch whose verdicts are all in it; 0 before the first.
        statements: the entries of all statements in it.
        skipped: bytes of the following batch's rows that are in it.
        batches: how many of those that wait are wholly in it.
    """

    tail: TileTail = field(default_factory=TileTail)
    sequence: int = 0
    statements: set[bytes] = field(default_factory=set)
    skipped: int = 0
    batches: int = 0

    def copy(self) -> "_Standing":
        """One that can be tried and thrown away; a tail is a few kilobytes."""
        return replace(self, tail=deepcopy(self.tail), statements=set(self.statements))


class ReplayedHistory:
    """The port `History` of a witness, over a copy of the journal.

    Attributes:
        standing: how far the log was found right.
    """

    def __init__(
        self,
        journal: JournalFollower,
        kernel_class: type[Kernel],
        *,
        genesis: bytes,
        statement_at: StatementAt = _no_statement,
    ) -> None:
        """Replay from the first record on, which must be `genesis`."""
        self.standing = _Standing()
        self._journal = journal
        self._replay = JournalReplay(genesis, kernel_class=kernel_class)
        self._statement_at = statement_at
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._waiting_bytes = 0
        self._turn = asyncio.Lock()
        self._failure: DamageError | None = None

    async def demand(self, checkpoint: Checkpoint) -> None:
        """Return if the entries up to this size are those that the replay gives.

        Raises:
            BusyError: the copy of the journal, or its replay, is not there yet.
            DamageError: the journal itself is no history.
            RefusedError: LOG_DIVERGES.
        """
        async with self._turn:
            if checkpoint.size < self.standing.tail.size:
                raise RefusedError("the checkpoint is older than one that was judged", code="LOG_DIVERGES")
            until_s = time.monotonic() + REPLAY_S_MAX
            while (grown := self._grown(checkpoint.size)) is None:
                if not await self._replay_more(until_s):
                    raise BusyError(f"less than {checkpoint.size} entries are replayed", retry_after_s=RETRY_AFTER_S)
            if grown.tail.root() != checkpoint.root:
                raise RefusedError(
                    f"the verdicts of the journal have another root at {checkpoint.size} entries than the log says",
                    code="LOG_DIVERGES",
                    field="root",
                    cure="compare journal and log with tongbao audit",
                )
            self._keep(grown)

    async def follow(self) -> None:
        """Replay what the journal holds by now, so that a demand finds it done."""
        async with self._turn:
            await self._replay_more(time.monotonic() + REPLAY_S_MAX)

    async def _replay_more(self, until_s: float) -> bool:
        """Replay what there is, until the time; False where there is nothing, or no time."""
        if self._failure is not None:
            raise self._failure
        has_more = False
        async for record in self._journal.read():
            await self._replay_record(record)
            has_more = True
            if time.monotonic() >= until_s or self._waiting_bytes >= ROWS_WAITING_BYTES_MAX:
                break
        return has_more

    async def _replay_record(self, record: bytes) -> None:
        try:
            await asyncio.to_thread(self._replay.follow, record)
        except DamageError as error:
            self._failure = error
            raise
        applied = self._replay.applied
        if applied is not None:
            sequence = applied.header.sequence
            rows = verdict_rows(applied.verdicts, sequence, self._replay.kernel.domain)
            self._waiting.append((sequence, rows))
            self._waiting_bytes += len(rows)

    def _grown(self, size: int) -> _Standing | None:
        """The tree of so many entries; None where the replay has not given so many."""
        grown = self.standing.copy()
        for sequence, rows in self._waiting:
            self._add_statements(grown, size)
            if grown.tail.size == size:
                return grown
            wanted = (size - grown.tail.size) * ENTRY_ROW_BYTES
            grown.tail.extend(rows[grown.skipped : grown.skipped + wanted])
            if grown.skipped + wanted < len(rows):
                grown.skipped += wanted
                return grown
            grown.sequence, grown.skipped, grown.batches = sequence, 0, grown.batches + 1
        self._add_statements(grown, size)
        return grown if grown.tail.size == size else None

    def _add_statements(self, grown: _Standing, size: int) -> None:
        """Add the statements behind the last batch; asked for only now, since they are made after it was replayed."""
        while not grown.skipped and grown.tail.size < size:
            entry = self._statement_at(grown.sequence, grown.tail.size)
            if entry is None or entry in grown.statements:
                return
            grown.statements.add(entry)
            grown.tail.extend(entry_row(entry))

    def _keep(self, grown: _Standing) -> None:
        for _ in range(grown.batches):
            self._waiting_bytes -= len(self._waiting.popleft()[1])
        grown.batches = 0
        self.standing = grown
