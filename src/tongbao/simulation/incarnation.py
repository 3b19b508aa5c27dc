"""One life of one role: which tasks are its own, and how it dies."""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from tongbao.errors import InvariantError
from tongbao.simulation.disk import CrashedError
from tongbao.simulation.loop import VirtualTask

__all__ = ["LIVING", "Incarnation", "claim"]

T = TypeVar("T")

LIVING: Final[contextvars.ContextVar["Incarnation | None"]] = contextvars.ContextVar("LIVING", default=None)
"""Whose code is running; every task inherits it from the task that made it."""

# A dead task may run a few `finally` blocks, one after the other; one that goes on after this never ends.
_LAST_STEPS_MAX: Final = 100


class Incarnation:
    """From a start of a role to its end. Ports ask `check` before they do anything."""

    def __init__(self, role: str, number: int, *, has_power: Callable[[], bool] = lambda: True) -> None:
        self.role = role
        self.number = number
        self.dead = False
        self.failures: list[tuple[str, BaseException]] = []
        """Name and exception of every task of Spawn that failed while the role lived."""
        self.on_power_loss: Callable[[], None] = lambda: None
        self.steps_left: int | None = None
        """How many steps its tasks still make before the power fails; None for no end."""
        self._has_power = has_power
        # In the order of their making: a set would be, too, but says so less clearly.
        self._tasks: dict[VirtualTask[Any], None] = {}

    def __str__(self) -> str:
        return f"{self.role}/{self.number}"

    def check(self) -> None:
        """Raise `CrashedError` in code that should have died with its process."""
        if self.dead or not self._has_power():
            raise CrashedError

    def run(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Start a task that belongs to this life."""
        context = contextvars.copy_context()
        context.run(LIVING.set, self)
        return asyncio.get_running_loop().create_task(coroutine, name=name, context=context)

    def own(self, task: VirtualTask[Any]) -> None:
        """Take a task that was made by code of this life."""
        self._tasks[task] = None
        task.add_done_callback(self._finished)

    async def kill(self) -> None:
        """End this life: first its ports, so that nothing its tasks still do has any effect, then its tasks."""
        self.dead = True
        for _ in range(_LAST_STEPS_MAX):
            if not self._tasks:
                return
            for task in list(self._tasks):
                task.cancel()
            await asyncio.sleep(0)
        names = ", ".join(task.get_name() for task in self._tasks)
        raise InvariantError(f"tasks of {self} go on after its death: {names}")

    def _finished(self, task: asyncio.Task[Any]) -> None:
        del self._tasks[task]  # type: ignore[arg-type]  # only such tasks are given this callback
        if task.cancelled():
            return
        error = task.exception()
        if self.dead or error is None:
            return
        if isinstance(error, CrashedError):
            self.on_power_loss()


def claim(task: VirtualTask[Any]) -> None:
    """Give a new task to the life whose code made it."""
    owner = task.context.get(LIVING)
    if owner is not None:
        owner.own(task)
