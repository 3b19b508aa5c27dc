"""An event loop on virtual time: nothing waits, nothing real is touched, and every run goes the same way.

Time stands still while anything can run, then jumps to the next timer. Tasks run in the order in which they became
ready, and sets of tasks keep the order in which the tasks were made. What would touch the machine raises
`RealWorldError`, and a program in which everybody waits for somebody else ends with `DeadlockError`, not never.

Strings in sets are ordered by the interpreter's hash seed: set PYTHONHASHSEED to repeat a run in another process.
"""

import asyncio
import contextvars
import itertools
import threading
import weakref
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator
from typing import Any, ClassVar, Final, Never, TypeVar

from tongbao.errors import InvariantError

__all__ = ["DeadlockError", "RealWorldError", "VirtualLoop", "VirtualTask"]

T = TypeVar("T")

# No scenario does this much at one instant; one that does is a task that asks again and again without waiting.
STEPS_AT_ONE_TIME_MAX: Final = 1_000_000


class RealWorldError(InvariantError):
    """Something went past the ports and would have touched the machine."""


class DeadlockError(InvariantError):
    """Everybody waits and nothing will happen, or somebody works without end while time stands still."""


class VirtualTask(asyncio.Task[T]):
    """A task that sets order by its age instead of its address, and that remembers what runs it."""

    # Counted anew by each loop: in a set, the order of great numbers wraps around with the size of the set.
    _serials: ClassVar[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Iterator[int]]] = (
        weakref.WeakKeyDictionary()
    )

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        loop: asyncio.AbstractEventLoop,
        name: str | None = None,
        context: contextvars.Context | None = None,
    ) -> None:
        self._serial = next(VirtualTask._serials.setdefault(loop, itertools.count()))
        self.context = context if context is not None else contextvars.copy_context()
        super().__init__(coroutine, loop=loop, name=name, context=self.context)

    def __hash__(self) -> int:
        return self._serial

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def serial(self) -> int:
        """Tasks made later have greater ones."""
        return self._serial


class _TimeJump:
    """Stands where the loop expects a selector: waiting for sockets is replaced by going on to the next timer."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop
        self._steps = 0

    def select(self, timeout_s: float | None) -> list[Any]:
        if timeout_s is None:
            raise DeadlockError(f"everybody waits for somebody else:\n{_waiting(self._loop)}")
        if timeout_s > 0:
            self._loop.jump()
            self._steps = 0
        self._steps += 1
        if self._steps > STEPS_AT_ONE_TIME_MAX:
            self._steps = 0
            raise DeadlockError(f"time stands still at {self._loop.now_s} s:\n{_waiting(self._loop)}")
        return []

    def close(self) -> None:
        pass


class VirtualLoop(asyncio.BaseEventLoop):
    """Use with `asyncio.Runner(loop_factory=VirtualLoop)`, or through `tongbao.simulation.world.simulate`."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.on_task: Callable[[VirtualTask[Any]], None] | None = None
        """Told of every new task."""
        self.on_step: Callable[[contextvars.Context], None] | None = None
        """Told of every step that becomes due in a context of its own, as those of tasks do."""
        self._selector = _TimeJump(self)
        # A timer is due when its time is less than this away; below a microsecond, sums of floats differ by rounding.
        self._clock_resolution = 1e-6
        self._thread = threading.get_ident()

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: object = None,
        context: contextvars.Context | None = None,
        **_: object,
    ) -> asyncio.Task[T]:
        """Start a task and tell of it."""
        task = VirtualTask(coro, loop=self, name=None if name is None else str(name), context=context)
        if self.on_task is not None:
            self.on_task(task)
        return task

    def jump(self) -> None:
        """Go on to the next timer: exactly, since a sum of many small steps would miss it by rounding."""
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]  # a heap, unknown to typeshed
        self.now_s = max(self.now_s, timers[0].when())

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self.now_s

    def call_soon(
        self, callback: Callable[..., object], *args: object, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """Let it run when all that is due already has run."""
        if context is not None and self.on_step is not None:
            self.on_step(context)
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: object, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """Like `call_soon`; another thread would make runs differ."""
        if threading.get_ident() != self._thread:
            _refuse("a thread")
        return self.call_soon(callback, *args, context=context)

    def _process_events(self, _events: list[Any]) -> None:
        """Nothing comes from outside."""

    def _write_to_self(self) -> None:
        """Nobody sleeps in a system call, so nobody needs waking."""

    def run_in_executor(self, *_: object) -> Never:
        """Refuse: work goes to workers through Spawn."""
        _refuse("an executor")

    async def getaddrinfo(self, *_: object, **__: object) -> Never:
        """Refuse: names of other parties are resolved by Network."""
        _refuse("a name server")

    async def create_connection(self, *_: object, **__: object) -> Never:
        """Refuse: other parties are reached through Network."""
        _refuse("a socket")

    async def create_server(self, *_: object, **__: object) -> Never:
        """Refuse: applications are registered with the virtual network."""
        _refuse("a socket")

    async def create_datagram_endpoint(self, *_: object, **__: object) -> Never:
        """Refuse: other parties are reached through Network."""
        _refuse("a socket")

    async def subprocess_exec(self, *_: object, **__: object) -> Never:
        """Refuse: roles run in one process here."""
        _refuse("a process")

    async def subprocess_shell(self, *_: object, **__: object) -> Never:
        """Refuse: roles run in one process here."""
        _refuse("a process")

    def add_reader(self, *_: object) -> Never:
        """Refuse: nothing comes from outside."""
        _refuse("a file descriptor")

    def add_writer(self, *_: object) -> Never:
        """Refuse: nothing goes outside."""
        _refuse("a file descriptor")


def _refuse(what: str) -> Never:
    raise RealWorldError(f"the simulation has no such thing as {what}; go through the ports")


def _waiting(loop: asyncio.AbstractEventLoop) -> str:
    tasks: Iterable[asyncio.Task[Any]] = asyncio.all_tasks(loop)
    return "\n".join(f"  {task.get_name()} at {_place(task)}" for task in sorted(tasks, key=hash))


def _place(task: asyncio.Task[Any]) -> str:
    stack = task.get_stack()
    if not stack:
        return "its beginning"
    code = stack[-1].f_code
    return f"{code.co_filename.rpartition('/')[2]}:{stack[-1].f_lineno} in {code.co_name}"
