"""Whoever keeps the machines running: starts again what died or stepped down, and does what the documentation says."""

import asyncio
from typing import Final

from tongbao.centres.registration.journal import FenceLostError, JournalDamageError
from tongbao.errors import BusyError, ConfigurationError, DamageError, InvariantError, WorldError
from tongbao.simulation.disk import Platter
from tongbao.simulation.laws import LawBrokenError
from tongbao.simulation.misfortune import start_stubbornly
from tongbao.simulation.world import Role, World

__all__ = ["HaltedError", "Operator"]

AWAY_S_MAX: Final = 2.5
LOOK_S: Final = 0.5
STARTS_MAX: Final = 200
"""A minute and a half: no fault lasts as long."""

_PASSING: Final = (WorldError, FenceLostError, ConfigurationError)
"""What a role may step down for: it is started again, and nothing is repaired."""


class HaltedError(InvariantError):
    """The centre stands still as it must, because acknowledged bytes are damaged and there is no good copy of them."""


class Operator:
    """Keeps every role of a world running.

    Attributes:
        crashes: how many roles lost power.
        step_downs: how many stepped down by themselves.
        writer: the replica that writes at the moment, "" while none does.
    """

    def __init__(self, world: World, medium: Platter, *, has_copy: bool) -> None:
        self.crashes = 0
        self.step_downs = 0
        self.writer = ""
        self._world = world
        self._medium = medium
        self._has_copy = has_copy
        self._dice = world.dice_of("operator")
        self._reviving: dict[str, asyncio.Task[None]] = {}

    async def cut_power(self, name: str, *, loses_database: bool = False) -> None:
        """Let a role lose power, if it runs; it starts again after a while."""
        role = self._world.roles[name]
        if name in self._reviving:
            return
        if role.running:
            await role.crash(lose_power=True)
        self.crashes += 1
        if loses_database:
            role.lose_database()
        self._revive_soon(role)

    async def watch(self) -> None:
        """Start again whatever is found dead or stepped down, for ever.

        Raises:
            HaltedError: it must stay where it is.
            LawBrokenError: it stepped down for what no fault explains.
            GivenUpError: it does not start again.
        """
        while True:
            await asyncio.sleep(LOOK_S)
            for role in list(self._world.roles.values()):
                if role.name in self._reviving:
                    self._collect(role.name)
                elif not role.running:
                    self.crashes += 1
                    self._revive_soon(role)
                elif role.failures:
                    await self._stepped_down(role)

    async def all_running(self) -> None:
        """Return once everything runs."""
        for _ in range(STARTS_MAX):
            if not self._reviving and all(role.running for role in self._world.roles.values()):
                return
            await asyncio.sleep(LOOK_S)
        raise LawBrokenError("somebody does not start though every fault has ended")

    def _collect(self, name: str) -> None:
        task = self._reviving[name]
        if task.done():
            del self._reviving[name]
            task.result()

    def _revive_soon(self, role: Role) -> None:
        self._reviving[role.name] = self._world.run(self._revive(role), name=f"revival of {role.name}")

    async def _revive(self, role: Role) -> None:
        await asyncio.sleep(self._dice.fraction() * AWAY_S_MAX)
        await start_stubbornly(role, despite=(WorldError, BusyError), attempts=STARTS_MAX)

    async def _stepped_down(self, role: Role) -> None:
        task, error = role.failures[0]
        self.step_downs += 1
        self._world.trace.record("stepped-down", role.name, type(error).__name__)
        if isinstance(error, DamageError):
            self._repair(role, error)
        elif not isinstance(error, _PASSING):
            raise LawBrokenError(f"{task} of {role.name} failed: {error!r}") from error
        if role.running:
            await role.crash(lose_power=False)
        self._revive_soon(role)

    def _repair(self, role: Role, error: DamageError) -> None:
        """Put the good copy back, as the error says; where there is none, everything must stay as it is."""
        if not self._medium.damages:
            raise LawBrokenError(f"{role.name} complains of damage that nobody did: {error}") from error
        where = error.finding.file if isinstance(error, JournalDamageError) else "index or snapshot"
        if not self._has_copy:
            raise HaltedError(f"{role.name} stands still as it must: {error}") from error
        self._medium.heal()
        self._world.trace.record("repaired", role.name, where)
