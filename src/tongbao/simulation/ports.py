"""The six ports of one life of a role, on virtual time; dead ones raise `CrashedError` and do nothing."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tongbao.adapters.entropy import SeededEntropy
from tongbao.simulation.database import VirtualStore
from tongbao.simulation.disk import SimulatedDisk
from tongbao.simulation.incarnation import Incarnation
from tongbao.simulation.network import NetworkPort
from tongbao.simulation.trace import Trace

__all__ = ["BEGINNING_MS", "Ports", "VirtualClock", "VirtualEntropy", "VirtualSpawn"]

T = TypeVar("T")

BEGINNING_MS: Final = 1_700_000_000_000
"""What a clock without skew shows when a simulation begins: 14 November 2023."""

# What a call to a worker costs: pickling, a pipe and back.
_CALL_S: Final = 0.001


class VirtualClock:
    """Virtual time since `BEGINNING_MS`, with the skew that the role's own clock has at the moment."""

    def __init__(self, incarnation: Incarnation, *, skew_ms: Callable[[], int]) -> None:
        self._incarnation = incarnation
        self._skew_ms = skew_ms

    def now_ms(self) -> int:
        """Milliseconds since 1970, as this role believes."""
        self._incarnation.check()
        return BEGINNING_MS + self._skew_ms() + int(asyncio.get_running_loop().time() * 1000)

    async def sleep(self, seconds: float) -> None:
        """Wait for virtual time to pass."""
        self._incarnation.check()
        await asyncio.sleep(seconds)
        self._incarnation.check()


class VirtualEntropy:
    """Dice from the simulation's seed; a role that starts again draws others than before."""

    def __init__(self, incarnation: Incarnation, *, seed: str) -> None:
        self._incarnation = incarnation
        self._dice = SeededEntropy(f"{seed}/{incarnation}")

    def bytes(self, count: int) -> bytes:
        """The next bytes of this life."""
        self._incarnation.check()
        return self._dice.bytes(count)


class VirtualSpawn:
    """Tasks on the virtual loop, and calls that run in place after a while.

    Attributes:
        workers: as many as a centre would have; what goes to them is what would travel.
    """

    workers: Final = 1

    def __init__(self, incarnation: Incarnation, trace: Trace) -> None:
        self._incarnation = incarnation
        self._trace = trace

    def task(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Start a task that ends with this life."""
        if self._incarnation.dead:
            coroutine.close()
        self._incarnation.check()
        task = self._incarnation.run(coroutine, name=name)
        task.add_done_callback(self._finished)
        return task

    async def call(self, function: Callable[..., T], /, *args: object, **kwargs: object) -> T:
        """Run a pure function as a worker would: not at once."""
        self._incarnation.check()
        await asyncio.sleep(_CALL_S)
        self._incarnation.check()
        return function(*args, **kwargs)

    async def call_on_thread(self, function: Callable[..., T], /, *args: object) -> T:
        """Run a pure function as a thread would: not at once."""
        return await self.call(function, *args)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled() or self._incarnation.dead:
            return
        error = task.exception()
        if isinstance(error, Exception):
            self._incarnation.failures.append((task.get_name(), error))
            self._trace.record("task failed", self._incarnation, task.get_name(), type(error).__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world, as a role of a simulation is handed it."""

    clock: VirtualClock
    entropy: VirtualEntropy
    disk: SimulatedDisk
    store: VirtualStore
    network: NetworkPort
    spawn: VirtualSpawn
