"""The Store of a simulation: a real SQLite database in memory, which outlives the roles that use it.

A transaction runs and commits at one instant of virtual time, so that at every moment between two steps the database is
its last committed image: a crash finds it there, and the next life of the role opens it as it is. Whether the caller of
an operation heard of its commit depends on when the crash came.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import TypeVar, cast

import sqlalchemy as sa

from tongbao.adapters.entropy import SeededEntropy
from tongbao.adapters.sql_group import GroupWriter, Operation, Outcome, SnapshotReader, open_engine
from tongbao.errors import DiskFullError, WorldError
from tongbao.simulation.incarnation import Incarnation
from tongbao.simulation.trace import Trace

__all__ = ["VirtualDatabase", "VirtualStore"]

T = TypeVar("T")


class VirtualDatabase:
    """One role's database, over all its lives."""

    def __init__(self) -> None:
        # Known to this process only, and gone with its last connection: the reader's.
        name = secrets.token_hex(8)
        self.engine = open_engine(f"sqlite:///file:/tongbao-{name}?vfs=memdb&uri=true")
        self.full = False
        """While True, every write finds the disk full."""
        # Every life uses the same two: no transaction is ever open between two steps.
        self.writer = GroupWriter(self.engine)
        self.reader = SnapshotReader(self.engine)

    def close(self) -> None:
        """Forget everything."""
        self.writer.roll_back()
        self.reader.close()
        self.engine.dispose()


class VirtualStore:
    """The Store port of one life, with commits that take `commit_ms_max` at most."""

    def __init__(
        self,
        incarnation: Incarnation,
        database: VirtualDatabase,
        trace: Trace,
        dice: SeededEntropy,
        *,
        commit_ms_max: int,
    ) -> None:
        self.engine = database.engine
        """For migrations."""
        self._incarnation = incarnation
        self._database = database
        self._trace = trace
        self._dice = dice
        self._commit_ms_max = commit_ms_max
        self._waiting: deque[tuple[Operation, asyncio.Future[object]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, operation: Callable[[sa.Connection], T]) -> T:
        """Return what `operation` returned once it is committed; what it raised undoes it alone."""
        self._incarnation.check()
        answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, answered))
        if self._writing is None:
            self._writing = self._incarnation.run(self._write_waiting(), name="store writer")
        value = await answered
        self._incarnation.check()
        return cast("T", value)

    async def read(self, operation: Callable[[sa.Connection], T]) -> T:
        """Return what `operation` returned on the last committed image."""
        self._incarnation.check()
        return cast("T", self._database.reader.run(operation))

    async def _write_waiting(self) -> None:
        try:
            while self._waiting:
                await self._pause()
                group = [waiting for waiting in self._waiting if not waiting[1].cancelled()]
                self._waiting.clear()
                outcomes = self._commit([operation for operation, _ in group])
                await self._pause()
                for (_, answered), outcome in zip(group, outcomes, strict=True):
                    _answer(answered, outcome)
        finally:
            self._writing = None

    async def _pause(self) -> None:
        """Half of a commit: a crash in the first half loses it, in the second it only loses the answer."""
        await asyncio.sleep(self._dice.below(self._commit_ms_max * 500 + 1) / 1_000_000)
        self._incarnation.check()

    def _commit(self, operations: list[Operation]) -> list[Outcome]:
        if self._database.full:
            return [Outcome(error=DiskFullError("the database has no room left")) for _ in operations]
        try:
            outcomes = self._database.writer.run(operations)
            self._database.writer.commit()
        except WorldError as error:
            return [Outcome(error=error) for _ in operations]
        failed = sum(outcome.error is not None for outcome in outcomes)
        self._trace.record("commit", self._incarnation, len(operations), "operations", failed, "failed")
        return outcomes


def _answer(answered: "asyncio.Future[object]", outcome: Outcome) -> None:
    if answered.done():
        return
    if outcome.error is not None:
        answered.set_exception(outcome.error)
    else:
        answered.set_result(outcome.value)
