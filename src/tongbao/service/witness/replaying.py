"""What a witness that replays demands of a checkpoint: that the log's entries are the verdicts of the journal.

Every record is judged and applied anew by a kernel of this process, so that a coin minted inside a batch, a signature
that does not hold, or a verdict that the log misstates gives another root, and no cosignature.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tongbao.adapters.journal_follow import JournalFollower
from tongbao.errors import BusyError, DamageError, RefusedError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.entries import verdict_rows
from tongbao.evidence.tiles import ENTRY_ROW_BYTES, TileTail, entry_row
from tongbao.kernel import Kernel
from tongbao.service.journal_replay import JournalReplay

__all__ = ["ReplayedHistory", "StatementEntries"]

REPLAY_S_MAX = 5.0  # of one demand: a log waits ten seconds, and comes again
# Replayed and in no checkpoint yet, 34 bytes each; a log that lags by more has stopped, and so does the replay.
ROWS_WAITING_BYTES_MAX = 4_000_000 * ENTRY_ROW_BYTES
RETRY_AFTER_S = 2

StatementEntries = Callable[[int], Sequence[bytes]]
"""The entries of the supply's statements that stand behind the verdicts of the batch with that sequence."""


def _no_statements(_sequence: int) -> Sequence[bytes]:
    return ()


@dataclass(slots=True)
class _Behind:
    """How far the tree has come.

    Attributes:
        sequence: the batch whose verdicts are all in it; 0 before the first.
        statements: how many statements behind them are in it, too.
    """

    sequence: int = 0
    statements: int = 0


class ReplayedHistory:
    """The port `History` of a witness, over a copy of the journal.

    Attributes:
        tail: the tree of the entries up to the last checkpoint that was demanded.
    """

    def __init__(
        self,
        journal: JournalFollower,
        kernel_class: type[Kernel],
        *,
        genesis: bytes,
        statements: StatementEntries = _no_statements,
    ) -> None:
        """Replay from the first record on, which must be `genesis`."""
        self.tail = TileTail()
        self._journal = journal
        self._replay = JournalReplay(genesis, kernel_class=kernel_class)
        self._statements = statements
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._waiting_bytes = 0
        self._behind = _Behind()
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
            if checkpoint.size < self.tail.size:
                raise RefusedError("the checkpoint is older than one that was judged", code="LOG_DIVERGES")
            until_s = time.monotonic() + REPLAY_S_MAX
            while not self._take(checkpoint.size):
                if not await self._replay_more(until_s):
                    raise BusyError(
                        f"{self.tail.size} of {checkpoint.size} entries are replayed", retry_after_s=RETRY_AFTER_S
                    )
            root = self.tail.root()
        if root != checkpoint.root:
            raise RefusedError(
                f"the verdicts of the journal have another root at {checkpoint.size} entries than the log says",
                code="LOG_DIVERGES",
                field="root",
                cure="compare journal and log with tongbao audit",
            )

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

    def _take(self, size: int) -> bool:
        """Let the tree grow to so many entries; False where the replay has not given so many."""
        while self.tail.size < size:
            wanted = size - self.tail.size
            # Asked for only now: a statement is made after its batch, and may be after the batch was replayed.
            statements = self._statements(self._behind.sequence)[self._behind.statements :][:wanted]
            if statements:
                self.tail.extend(b"".join(map(entry_row, statements)))
                self._behind.statements += len(statements)
                continue
            if not self._waiting:
                return False
            sequence, rows = self._waiting.popleft()
            taken, rest = rows[: wanted * ENTRY_ROW_BYTES], rows[wanted * ENTRY_ROW_BYTES :]
            self.tail.extend(taken)
            self._waiting_bytes -= len(taken)
            if rest:
                self._waiting.appendleft((sequence, rest))
            else:
                self._behind = _Behind(sequence)
        return True
