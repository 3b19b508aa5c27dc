"""A whole world in one process: roles over virtual ports, from one seed, with crashes at will.

```python
async def scenario(world: World) -> None:
    centre = world.role("centre", boot_centre, authority="centre:80")
    await centre.start()
    ...
    await centre.crash()
    await centre.start()

assert simulate("seed 7", scenario).trace.digest == simulate("seed 7", scenario).trace.digest
```
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from starlette.types import ASGIApp

from tongbao.adapters.entropy import SeededEntropy
from tongbao.errors import InvariantError
from tongbao.simulation.database import VirtualDatabase, VirtualStore
from tongbao.simulation.disk import CrashedError, Platter, SimulatedDisk
from tongbao.simulation.incarnation import LIVING, Incarnation, claim
from tongbao.simulation.loop import VirtualLoop
from tongbao.simulation.network import NetworkConditions, NetworkPort, VirtualNetwork
from tongbao.simulation.ports import Ports, VirtualClock, VirtualEntropy, VirtualSpawn
from tongbao.simulation.trace import Trace

__all__ = ["Boot", "Role", "Simulated", "World", "platter_of", "simulate"]

T = TypeVar("T")

Boot = Callable[[Ports], Awaitable[ASGIApp | None]]
"""Starts a role on its ports, and returns the application that answers for it, if it answers at all."""

COMMIT_MS_MAX: Final = 4
"""What a flush of a common disk takes."""

DISK_CALL_S: Final = 0.000_2
"""What one call to the system takes, a flush of a fast disk included."""


class Role:
    """A party of the world: its disk and its database outlive its lives. Made by `World.role`."""

    def __init__(
        self, world: "World", name: str, boot: Boot, *, authority: str, skew_ms: int, shared: Platter | None
    ) -> None:
        self.name = name
        self.authority = authority
        self.skew_ms = skew_ms
        """How far its clock is ahead; set it at any time and the clock jumps."""
        self.platter = shared or platter_of(world, name)
        self._shares = shared is not None
        self.database = VirtualDatabase()
        self._world = world
        self._boot = boot
        self._lives = 0
        self._living: Incarnation | None = None
        self._disk: SimulatedDisk | None = None
        self._crashing: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether the role lives."""
        return self._living is not None and not self._living.dead

    @property
    def failures(self) -> list[tuple[str, BaseException]]:
        """Name and exception of the tasks that failed in the present life."""
        return self._living.failures if self._living is not None else []

    async def start(self) -> None:
        """Begin a life and return when its boot has returned.

        Raises what boot raised, or `CrashedError` when the life ended before that.
        """
        if self.running:
            raise InvariantError(f"{self.name} runs already")
        if self._crashing is not None:
            await self._crashing
        self._lives += 1
        disk = self.platter.join() if self._shares else self.platter.mount()
        self._disk = disk
        living = Incarnation(self.name, self._lives, has_power=lambda: disk.alive)
        living.on_power_loss = self._lost_power
        self._living = living
        self._world.trace.record("start", living)
        app = await self.perform(_booted(self._boot, self._ports(living, disk)), name=f"boot {living}")
        if app is not None:
            self._world.network.listen(self.authority, living, app)

    async def crash(self, *, lose_power: bool = True) -> None:
        """End the life at this moment; without power, what the disk had not flushed is lost as well."""
        living = self._living
        if living is None or living.dead:
            raise InvariantError(f"{self.name} does not run")
        living.dead = True
        self._world.trace.record("crash", living, "power" if lose_power else "process")
        if self._disk is not None:
            self._disk.end(lose_power=lose_power)
        await living.kill()

    def crash_after_steps(self, steps: int | None) -> None:
        """Let the power fail before the `steps`th step of its tasks from now on; None calls it off."""
        if self._living is not None:
            self._living.steps_left = steps

    def lose_database(self) -> None:
        """Let the next life find an empty database."""
        self.database.close()
        self.database = VirtualDatabase()

    def out_of_steps(self, living: Incarnation) -> None:
        """The life met the crash that was prepared for one of its steps."""
        if living is not self._living or living.dead or self._disk is None:
            return
        self._disk.end(lose_power=True)
        self._died_by_itself("at a step")

    async def perform(self, work: Coroutine[Any, Any, T], *, name: str) -> T:
        """Run code of this role and return what it returned; raises `CrashedError` when its life ended before."""
        living = self._living
        if living is None or living.dead:
            work.close()
            raise CrashedError
        task = living.run(work, name=name)
        await asyncio.wait([task])
        # What a process did in the moment of its death, nobody heard.
        living.check()
        if task.cancelled():
            raise CrashedError
        return task.result()

    def _lost_power(self) -> None:
        """The disk met the crash that was prepared for it."""
        self._died_by_itself(f"at call {self.platter.calls}")

    def _died_by_itself(self, how: str) -> None:
        living = self._living
        if living is None or living.dead:
            return
        living.dead = True
        self._world.trace.record("crash", living, how)
        self._crashing = self._world.run(living.kill(), name=f"crash of {living}")

    def _ports(self, living: Incarnation, disk: SimulatedDisk) -> Ports:
        world = self._world
        return Ports(
            clock=VirtualClock(living, skew_ms=lambda: self.skew_ms),
            entropy=VirtualEntropy(living, seed=world.seed),
            disk=disk,
            store=VirtualStore(
                living, self.database, world.trace, world.dice_of(f"{living}/store"), commit_ms_max=COMMIT_MS_MAX
            ),
            network=NetworkPort(living, world.network),
            spawn=VirtualSpawn(living, world.trace),
        )


def platter_of(world: "World", name: str) -> Platter:
    """A medium with chances of its own."""
    return Platter(seed=int.from_bytes(world.dice_of(f"{name}/disk").bytes(8)), latency_s=DISK_CALL_S)


async def _booted(boot: Boot, ports: Ports) -> ASGIApp | None:
    return await boot(ports)


class World:
    """Everything there is in one simulation."""

    def __init__(self, seed: str, conditions: NetworkConditions) -> None:
        self.seed = seed
        self.trace = Trace(asyncio.get_running_loop().time)
        self.dice = self.dice_of("scenario")
        """For the choices of the scenario itself."""
        self.network = VirtualNetwork(self.trace, self.dice_of("network"), conditions)
        self.roles: dict[str, Role] = {}
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def dice_of(self, purpose: str) -> SeededEntropy:
        """Dice that fall the same in every run, and independently of all others."""
        return SeededEntropy(f"{self.seed}/world/{purpose}")

    def role(
        self, name: str, boot: Boot, *, authority: str = "", skew_ms: int = 0, shared: Platter | None = None
    ) -> Role:
        """Add a role, not yet started, on its own disk or a `shared` one; it answers at `authority` (host:port)."""
        if name in self.roles:
            raise InvariantError(f"there is a role {name} already")
        answers_at = authority or f"{name}:80"
        self.roles[name] = Role(self, name, boot, authority=answers_at, skew_ms=skew_ms, shared=shared)
        return self.roles[name]

    def count_step(self, living: Incarnation) -> None:
        """One of the life's tasks is about to make a step."""
        if living.steps_left is None or living.dead:
            return
        living.steps_left -= 1
        if living.steps_left <= 0:
            living.steps_left = None
            self.roles[living.role].out_of_steps(living)

    def run(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Start a task that belongs to no role."""
        token = LIVING.set(None)
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        LIVING.reset(token)
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)
        return task

    def check(self) -> None:
        """Raise the first failure of a task that belongs to a running role."""
        for role in self.roles.values():
            for name, error in role.failures if role.running else ():
                raise InvariantError(f"task {name} of {role.name} failed: {error!r}") from error

    async def end(self) -> None:
        """End every life and forget every database."""
        for role in self.roles.values():
            if role.running:
                await role.crash(lose_power=False)
            role.database.close()


@dataclass(frozen=True, slots=True)
class Simulated(Generic[T]):
    """What a run came to."""

    result: T
    trace: Trace


def simulate(
    seed: str, scenario: Callable[[World], Coroutine[Any, Any, T]], *, conditions: NetworkConditions | None = None
) -> Simulated[T]:
    """Run a scenario from its seed to its end."""

    async def run() -> Simulated[T]:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop):
            raise InvariantError("a simulation runs on virtual time")
        loop.on_task = claim
        world = World(seed, conditions or NetworkConditions())
        loop.on_step = _count_steps(world)
        try:
            result = await scenario(world)
            world.check()
        finally:
            await world.end()
            loop.on_task = loop.on_step = None
        return Simulated(result, world.trace)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.get_loop().set_exception_handler(_complain)
        return runner.run(run())


def _count_steps(world: World) -> Callable[[contextvars.Context], None]:
    def count(context: contextvars.Context) -> None:
        living = context.get(LIVING)
        if living is not None and living.steps_left is not None:
            world.count_step(living)

    return count


def _complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What dead tasks leave behind is nobody's concern; everything else is."""
    if not isinstance(context.get("exception"), CrashedError):
        loop.default_exception_handler(context)
