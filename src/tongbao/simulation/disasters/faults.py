"""What goes wrong, by the seed's dice: disks, network, clocks, and power that fails at any step of anybody's work.

The first half of a disaster is the *storm*, in which the faults drawn for the seed strike one after another. Then comes
*peace*: every fault ends, what died starts again, and from there on everything must come to its end.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Final

from tongbao.simulation.charter import CENTRE, HOMES, OFFICE, bank_of
from tongbao.simulation.disasters.operator import Operator
from tongbao.simulation.disk import ROOM_BYTES, Platter
from tongbao.simulation.misfortune import BAD_NETWORK, DISK_CALLS_MAX
from tongbao.simulation.network import NetworkConditions
from tongbao.simulation.world import DISK_CALL_S, World

__all__ = ["FAULTS", "WORST_NETWORK", "Faults"]

WORST_NETWORK: Final = NetworkConditions(
    latency_ms_max=80.0, loss=0.08, duplication=0.15, stragglers=0.1, straggling_ms_max=4_000.0
)
"""Messages overtake each other by seconds, one in twelve never comes, one in seven comes twice."""

LASTS_S_MAX: Final = 3.0
STEPS_MAX: Final = 400
"""Of a role's tasks until its power fails: a payment takes about a hundred."""

LOOK_S: Final = 0.02
LOOKS_MAX: Final = 200
"""Four seconds for the step or the write that a fault waits for; a role that does so little is struck without it."""

SLOW_DISK_S: Final = 0.02
JUMP_MS_MAX: Final = 60_000
BACK_MS_MAX: Final = 20_000
ROOM_LEFT_BYTES: Final = 200
ERRORS_MAX: Final = 6

Strike = Callable[["Faults"], Awaitable[None]]


class Faults:
    """The faults of one world.

    Attributes:
        struck: which of them struck, in order.
    """

    def __init__(self, world: World, operator: Operator, replicas: list[str]) -> None:
        self.struck: list[str] = []
        self._world = world
        self._operator = operator
        self._replicas = replicas
        self._dice = world.dice_of("disasters")
        self._calm_skew = {name: role.skew_ms for name, role in world.roles.items()}

    @property
    def _platter(self) -> Platter:
        return self._world.roles[CENTRE].platter

    async def strike(self, name: str) -> None:
        """Let one fault strike and return when it has."""
        await asyncio.sleep(self._dice.fraction())
        self.struck.append(name)
        self._world.trace.record("disaster", name.replace(" ", "-"))
        await self.STRIKES[name](self)

    def end(self) -> None:
        """Let every fault end, but for what the disk holds."""
        world = self._world
        world.network.reunite()
        world.network.conditions = NetworkConditions()
        for name, role in world.roles.items():
            role.skew_ms = self._calm_skew.get(name, role.skew_ms)
            role.database.full = False
            role.platter.latency_s = DISK_CALL_S
            role.platter.faults.capacity_bytes = ROOM_BYTES
            role.platter.faults.error_at_calls = frozenset()
            role.platter.faults.crash_at_call = None
            role.platter.faults.next_write_is_lost = role.platter.faults.next_write_goes_astray = False
            role.crash_after_steps(None)

    # --- choices ------------------------------------------------------------------------------------------------------

    def _anybody(self) -> str:
        names = [name for name in self._world.roles if name != "staff"]
        return names[self._dice.below(len(names))]

    def _replica(self) -> str:
        return self._replicas[self._dice.below(len(self._replicas))]

    async def _a_while(self) -> None:
        await asyncio.sleep(self._dice.fraction() * LASTS_S_MAX)

    async def _until(self, happened: Callable[[], bool]) -> None:
        """Wait for it, but not for ever."""
        for _ in range(LOOKS_MAX):
            if happened():
                return
            await asyncio.sleep(LOOK_S)

    # --- power --------------------------------------------------------------------------------------------------------

    async def _power(self) -> None:
        await self._operator.cut_power(self._replica() if self._dice.below(2) else self._anybody())

    async def _blackout(self) -> None:
        """Everybody at once."""
        for name in self._world.roles:
            if name != "staff":
                await self._operator.cut_power(name)

    async def _step(self) -> None:
        """Power that fails at any await of any role, not only at its disk."""
        name = self._replica() if self._dice.below(2) else self._anybody()
        role = self._world.roles[name]
        role.crash_after_steps(1 + self._dice.below(STEPS_MAX))
        await self._until(lambda: not role.running)
        await self._operator.cut_power(name)

    async def _call(self) -> None:
        """Power that fails between two calls of the disk that the journal lies on."""
        name = self._operator.writer or self._replica()
        role = self._world.roles[name]
        role.platter.faults.crash_at_call = role.platter.calls + 1 + self._dice.below(DISK_CALLS_MAX)
        await self._until(lambda: not role.running)
        role.platter.faults.crash_at_call = None
        await self._operator.cut_power(name)

    async def _index(self) -> None:
        """The machine of a replica comes back without its database."""
        await self._operator.cut_power(self._replica(), loses_database=True)

    # --- network ------------------------------------------------------------------------------------------------------

    async def _one_way(self) -> None:
        self._separate(one_way=True)
        await self._a_while()
        self._world.network.reunite()

    async def _cut_off(self) -> None:
        self._separate(one_way=False)
        await self._a_while()
        self._world.network.reunite()

    def _separate(self, *, one_way: bool) -> None:
        banks = [bank_of(home) for home in HOMES]
        ends = [(bank, other) for bank in banks for other in (*self._replicas, OFFICE, *banks) if other != bank]
        one, other = ends[self._dice.below(len(ends))]
        if self._dice.below(2):
            one, other = other, one
        self._world.network.separate(one, other, one_way=one_way)

    async def _stragglers(self) -> None:
        self._world.network.conditions = WORST_NETWORK
        await self._a_while()
        self._world.network.conditions = BAD_NETWORK

    # --- disks --------------------------------------------------------------------------------------------------------

    async def _slow_disk(self) -> None:
        self._platter.latency_s = SLOW_DISK_S
        await self._a_while()
        self._platter.latency_s = DISK_CALL_S

    async def _full_disk(self) -> None:
        room = self._platter.used_bytes() + self._dice.below(ROOM_LEFT_BYTES)
        self._platter.faults.capacity_bytes = room
        await self._a_while()
        self._platter.faults.capacity_bytes = ROOM_BYTES

    async def _full_database(self) -> None:
        role = self._world.roles[self._anybody()]
        role.database.full = True
        await self._a_while()
        role.database.full = False

    async def _disk_errors(self) -> None:
        first, count = self._platter.calls + 1, 1 + self._dice.below(ERRORS_MAX)
        self._platter.faults.error_at_calls = frozenset(range(first, first + count))
        await self._until(lambda: self._platter.calls >= first + count)
        self._platter.faults.error_at_calls = frozenset()

    async def _bit_flip(self) -> None:
        """One bit of the medium, of journal or snapshot, that nobody learns of before it is read."""
        kept = ("journal-", "snapshot-")
        paths = [path for path in self._platter.paths() if path.rpartition("/")[2].startswith(kept)]
        found = [path for path in paths if self._platter.content(path)]
        if found:
            path = found[self._dice.below(len(found))]
            offset = self._dice.below(len(self._platter.content(path)))
            self._platter.rot(path, offset=offset, bit=self._dice.below(8))
            await self._operator.cut_power(self._replica())

    async def _lost_write(self) -> None:
        self._platter.faults.next_write_is_lost = True
        await self._power_after(lambda: not self._platter.faults.next_write_is_lost)

    async def _astray_write(self) -> None:
        self._platter.faults.next_write_goes_astray = True
        await self._power_after(lambda: not self._platter.faults.next_write_goes_astray)

    async def _power_after(self, written: Callable[[], bool]) -> None:
        """Power that fails a while after the bad write, so that whoever starts reads what the medium has."""
        await self._until(written)
        await self._a_while()
        await self._operator.cut_power(self._operator.writer or CENTRE)

    # --- clocks -------------------------------------------------------------------------------------------------------

    async def _clock_ahead(self) -> None:
        self._world.roles[self._anybody()].skew_ms += self._dice.below(JUMP_MS_MAX)
        await self._a_while()

    async def _clock_back(self) -> None:
        self._world.roles[self._anybody()].skew_ms -= self._dice.below(BACK_MS_MAX)
        await self._a_while()

    # --- by name ------------------------------------------------------------------------------------------------------

    STRIKES: ClassVar[Mapping[str, Strike]] = {
        "power": _power,
        "blackout": _blackout,
        "step": _step,
        "call": _call,
        "index": _index,
        "one way": _one_way,
        "cut off": _cut_off,
        "stragglers": _stragglers,
        "slow disk": _slow_disk,
        "full disk": _full_disk,
        "full database": _full_database,
        "disk errors": _disk_errors,
        "clock ahead": _clock_ahead,
        "clock back": _clock_back,
        "bit flip": _bit_flip,
        "lost write": _lost_write,
        "astray write": _astray_write,
    }
    """Every kind of fault; each seed draws some of them."""


FAULTS: Final = tuple(Faults.STRIKES)
"""Their names."""
