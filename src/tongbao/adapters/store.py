"""The Store port over a real database: SQLite beside the process, or PostgreSQL elsewhere.

There is one writer. Operations that arrive while it commits wait and share the next commit, and where many come, it
waits for more of them for a moment; none is answered before its commit is durable. An operation runs once and must be
short: it computes nothing, waits for nothing, and changes nothing but the database, because a failing disk undoes the
database alone.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self, TypeVar, cast

import sqlalchemy as sa

from tongbao.adapters.sql_group import GroupWriter, Operation, Outcome, Redo, SnapshotReader, open_engine
from tongbao.errors import BusyError, InvariantError, StorageError

__all__ = ["SqlStore"]

T = TypeVar("T")

# Two seconds of work at the rate that the store is built for; who waits longer has given up on the answer.
WAITING_MAX = 4_096
# At 80 us each, a group keeps the event loop for five milliseconds.
GROUP_OPERATIONS_MAX = 64
# A commit costs as much as several operations. Where as many came together, more are on their way, and all of them wait
# for other things much longer than this.
GATHERED_FROM = 4
GATHER_S = 0.003
# What came together longer ago tells nothing of what comes now.
GATHERED_WITHIN_S = 1.0
# A thread costs the event loop about 0.1 ms per commit. A flush that is not slower is done in place.
COMMIT_IN_PLACE_S_MAX = 0.001
# How much the newest commit counts in the moving average of their durations.
_NEWEST_WEIGHT = 0.2
# Behind a thread a commit seems to take as long as the event loop is busy. So now and then one is done in place, which
# tells what the disk takes.
_COMMITS_BETWEEN_TRIALS = 64


@dataclass(frozen=True, slots=True)
class _Waiting:
    operation: Operation
    answered: "asyncio.Future[object]"


class SqlStore:
    """Durable tables. Call `open`, use `write` and `read` from one event loop, and `close` at the end."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        """For migrations; while the store is in use, everything else goes through `write` and `read`."""
        self._beside_the_process = engine.dialect.name == "sqlite"
        self._redo: Redo | None = None
        self._writer = GroupWriter(engine)
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None
        # SQLite is a function call away and is called in place; a server elsewhere is awaited in a thread.
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._read_thread = ThreadPoolExecutor(1, thread_name_prefix="store-read")
        self._reader: SnapshotReader | None = None
        self._operations_before = 0
        self._written_s = 0.0
        self._commit_s = 0.0
        self._commits_in_thread = 0
        self._closed = False
        self.commits = 0
        """How many there were since the start."""
        self.operations = 0
        """How many operations they held."""

    @property
    def waiting(self) -> int:
        """How many operations wait for a commit."""
        return len(self._waiting)

    @classmethod
    def open(cls, url: str, *, durable: bool = True) -> Self:
        """Open the database at an SQLAlchemy URL; see `open_engine` for `durable`."""
        return cls(open_engine(url, durable=durable))

    def write_down(self, redo: Redo) -> None:
        """Have what each commit changes written down before it, and close that in the end; before the first `write`."""
        self._redo = redo
        self._writer = GroupWriter(self.engine, redo)

    async def write(self, operation: Callable[[sa.Connection], T]) -> T:
        """Return what `operation` returned, once that is durable; what it raised undoes it alone."""
        self._check_open()
        if len(self._waiting) >= WAITING_MAX:
            raise BusyError(f"{WAITING_MAX} operations wait for the database already")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(operation, loop.create_future())
        self._waiting.append(waiting)
        if self._writing is None:
            self._writing = loop.create_task(self._write_waiting(), name="store writer")
        return cast("T", await waiting.answered)

    async def read(self, operation: Callable[[sa.Connection], T]) -> T:
        """Return what `operation` returned on one consistent state, which holds every write answered before."""
        self._check_open()
        if self._beside_the_process:
            return cast("T", self._read(operation))
        return cast("T", await asyncio.get_running_loop().run_in_executor(self._read_thread, self._read, operation))

    async def close(self) -> None:
        """Finish what waits, then let go of the database."""
        self._closed = True
        if self._writing is not None:
            await self._writing
        self._writer.roll_back()
        if self._redo is not None:
            self._redo.close()
        if self._reader is not None:
            self._reader.close()
        self._write_thread.shutdown()
        self._read_thread.shutdown()
        self.engine.dispose()

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError("the database is closed")

    def _read(self, operation: Operation) -> object:
        if self._reader is None:
            self._reader = SnapshotReader(self.engine)
        return self._reader.run(operation)

    async def _write_waiting(self) -> None:
        try:
            while self._waiting:
                if self._is_expecting() and len(self._waiting) < GROUP_OPERATIONS_MAX:
                    await asyncio.sleep(GATHER_S)
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_OPERATIONS_MAX))]
                self._operations_before = len(group)
                await self._write_group([waiting for waiting in group if not waiting.answered.cancelled()])
                self._written_s = asyncio.get_running_loop().time()
        finally:
            self._writing = None

    def _is_expecting(self) -> bool:
        """Whether more operations are on their way."""
        if self._operations_before < GATHERED_FROM:
            return False
        return asyncio.get_running_loop().time() - self._written_s < GATHERED_WITHIN_S

    async def _write_group(self, group: list[_Waiting]) -> None:
        operations = [waiting.operation for waiting in group]
        try:
            if self._beside_the_process:
                outcomes = self._writer.run(operations)
                await self._commit()
            else:
                loop = asyncio.get_running_loop()
                outcomes = await loop.run_in_executor(self._write_thread, self._run_and_commit, operations)
        except BaseException as error:
            _fail(group, error)
            if not isinstance(error, Exception):
                raise
        else:
            self.commits += 1
            self.operations += len(group)
            _answer(group, outcomes)

    def _run_and_commit(self, operations: list[Operation]) -> list[Outcome]:
        outcomes = self._writer.run(operations)
        self._writer.commit()
        return outcomes

    async def _commit(self) -> None:
        if self._commit_s > COMMIT_IN_PLACE_S_MAX and self._commits_in_thread < _COMMITS_BETWEEN_TRIALS:
            self._commits_in_thread += 1
            await asyncio.get_running_loop().run_in_executor(self._write_thread, self._writer.commit)
            return
        started_s = time.perf_counter()
        self._writer.commit()
        taken_s = time.perf_counter() - started_s
        is_trial, self._commits_in_thread = self._commits_in_thread > 0, 0
        self._commit_s = taken_s if is_trial else self._commit_s + _NEWEST_WEIGHT * (taken_s - self._commit_s)


def _answer(group: list[_Waiting], outcomes: list[Outcome]) -> None:
    for waiting, outcome in zip(group, outcomes, strict=True):
        if waiting.answered.done():
            continue  # the caller was cancelled; what he asked for has happened all the same
        if outcome.error is not None:
            waiting.answered.set_exception(outcome.error)
        else:
            waiting.answered.set_result(outcome.value)


def _fail(group: list[_Waiting], error: BaseException) -> None:
    for waiting in group:
        if waiting.answered.done():
            continue
        if isinstance(error, Exception):
            # An exception of one's own, so that no caller sees another one's traceback growing on it.
            waiting.answered.set_exception(_copy_of(error))
        else:
            waiting.answered.cancel()


def _copy_of(error: Exception) -> Exception:
    if isinstance(error, BusyError):
        return BusyError(str(error), retry_after_s=error.retry_after_s)
    if isinstance(error, StorageError | InvariantError):
        return type(error)(str(error))
    return error
