"""The Spawn port: named tasks whose failures are never silent, and workers for what would hold up the event loop."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.connection import wait
from typing import Any, Final, ParamSpec, TypeVar

import structlog

from tongbao.errors import WorldError

__all__ = ["TaskSpawn"]

T = TypeVar("T")
P = ParamSpec("P")

# How long tasks may take to tidy up when the process ends; systemd and Docker kill after ten seconds or more.
CLOSE_S_MAX: Final = 5.0

_log = structlog.get_logger("tongbao.spawn")


class TaskSpawn:
    """Runs tasks on the event loop, and pure functions on `workers` processes or, with none, in place.

    Attributes:
        workers: how many processes there are.
    """

    def __init__(self, *, workers: int = 0) -> None:
        self.workers = workers
        # As many as cores: each of them is at work all the time that it has any.
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="worker")
        self._pool: ProcessPoolExecutor | None = None
        # Not a set, whose order is that of addresses in memory: tasks are cancelled in the order of their beginning.
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._closing = False
        self._failed = asyncio.Event()
        self.failures: list[tuple[str, BaseException]] = []
        """Name and exception of every task that failed."""

    def task(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Start a task; whoever awaits it gets its exception, and if nobody does it is logged all the same."""
        started = asyncio.get_running_loop().create_task(coroutine, name=name)
        # The loop itself holds tasks only weakly.
        self._tasks[started] = None
        started.add_done_callback(self._finished)
        return started

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a pure function; with workers, it and its arguments travel by pickle.

        A worker that dies is replaced, and what it ran is run once more: pure functions do not mind.
        """
        if self.workers == 0:
            return function(*args, **kwargs)
        try:
            return await self._call_worker(function, *args, **kwargs)
        except BrokenProcessPool:
            _log.warning("a worker died", function=getattr(function, "__name__", "?"))
        try:
            return await self._call_worker(function, *args, **kwargs)
        except BrokenProcessPool as error:
            raise WorldError("two worker processes died one after the other; is there enough memory?") from error

    async def call_on_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a pure function that lets other threads run meanwhile, on one of as many threads as there are cores."""
        call = partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def wait_for_failure(self) -> None:
        """Return when a task has failed; a service stops then rather than go on without one of its parts."""
        await self._failed.wait()

    async def close(self) -> None:
        """Cancel every task, wait for them, and let the workers go."""
        self._closing = True
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=CLOSE_S_MAX)
            for task in late:
                _log.warning("a task did not end in time", task=task.get_name())
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _call_worker(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._pool is None:
            # Not by fork: a copy of a process with threads and open databases may hang or write to them.
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=multiprocessing.get_context("forkserver"), initializer=_begin_work
            )
        pool = self._pool
        try:
            return await asyncio.wrap_future(pool.submit(_apply, function, args, kwargs))
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = None
            raise

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        self.failures.append((task.get_name(), error))
        _log.error("a task failed", task=task.get_name(), error=repr(error), closing=self._closing)
        self._failed.set()


def _begin_work() -> None:
    """Live exactly as long as the process that asked for this worker."""
    # Ctrl+C reaches the whole process group; the service decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Killed, the service ends no worker: each would wait for work for ever, in memory that nobody gets back.
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _apply(function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    return function(*args, **kwargs)
