"""What goes wrong in a simulated currency: every role loses power at least once, some at a call of their disk."""

import asyncio
from typing import Final

from tongbao.errors import BusyError, NetworkError
from tongbao.simulation.charter import CENTRE, HOMES, OFFICE, bank_of
from tongbao.simulation.disk import CrashedError
from tongbao.simulation.network import NetworkConditions
from tongbao.simulation.people import GivenUpError
from tongbao.simulation.world import Role, World

__all__ = ["BAD_NETWORK", "DISK_CALLS_MAX", "NETWORK", "Misfortune", "start_stubbornly"]

BAD_NETWORK: Final = NetworkConditions(latency_ms_max=40.0, loss=0.02, duplication=0.04)

PAUSE_S_MAX: Final = 1.2
AWAY_S_MAX: Final = 2.5
SEPARATED_S_MAX: Final = 3.0
DISK_CALLS_MAX: Final = 12
LOOK_S: Final = 0.01
LOOKS_MAX: Final = 500
"""Five seconds: where nothing is written by then, the power fails anyhow."""

STARTS_MAX: Final = 60
START_PAUSE_S: Final = 0.5

NETWORK: Final = "network"
"""Stands among the victims for a separation."""


class Misfortune:
    """Crashes and separations by the scenario's dice.

    Attributes:
        crashes: how many roles died.
    """

    def __init__(self, world: World) -> None:
        self.crashes = 0
        self._world = world
        self._dice = world.dice_of("misfortune")
        self._reviving: list[asyncio.Task[None]] = []

    async def strike(self, victims: list[str]) -> None:
        """Let each role lose power as often as it is named, at any time and in any order; all run at the end."""
        fates = list(victims)
        while fates:
            await asyncio.sleep(self._dice.fraction() * PAUSE_S_MAX)
            fate = fates.pop(self._dice.below(len(fates)))
            if fate == NETWORK:
                await self._separate()
            elif self._world.roles[fate].running:
                await self._strike(self._world.roles[fate])
            else:
                fates.append(fate)
        await asyncio.gather(*self._reviving)
        self._world.network.reunite()

    async def _strike(self, role: Role) -> None:
        if role.name == CENTRE and self._dice.below(2):
            await self._crash_at_call(role)
        if role.running:
            await role.crash(lose_power=True)
        self.crashes += 1
        if role.name == CENTRE and self._dice.below(3) == 0:
            # Its index can be rebuilt from the journal, so a machine may lose it.
            role.lose_database()
        self._reviving.append(self._world.run(self._revive(role), name=f"revival of {role.name}"))

    async def _crash_at_call(self, role: Role) -> None:
        """Let the power fail between two calls of the disk, where a journal is written."""
        role.platter.faults.crash_at_call = role.platter.calls + 1 + self._dice.below(DISK_CALLS_MAX)
        for _ in range(LOOKS_MAX):
            if not role.running:
                return
            await asyncio.sleep(LOOK_S)

    async def _revive(self, role: Role) -> None:
        await asyncio.sleep(self._dice.fraction() * AWAY_S_MAX)
        await start_stubbornly(role)

    async def _separate(self) -> None:
        others = (CENTRE, OFFICE, bank_of(HOMES[1]))
        self._world.network.separate(bank_of(HOMES[0]), others[self._dice.below(len(others))])
        await asyncio.sleep(self._dice.fraction() * SEPARATED_S_MAX)
        self._world.network.reunite()


async def start_stubbornly(
    role: Role, *, despite: tuple[type[Exception], ...] = (NetworkError, BusyError), attempts: int = STARTS_MAX
) -> None:
    """Start a role as whatever watches over processes does: again, if it needs another that is away.

    `despite` says for which errors it is started again.

    Raises:
        GivenUpError: it does not start in so many attempts.
    """
    for _ in range(attempts):
        try:
            await role.start()
        except CrashedError:
            return  # struck again while it started; whoever struck sees to it
        except despite:
            await role.crash(lose_power=False)
        else:
            return
        await asyncio.sleep(START_PAUSE_S)
    raise GivenUpError(f"{role.name} did not start in {attempts} attempts")
