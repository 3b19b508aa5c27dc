"""Waiting for the ledger to go on: for a sequence, or for coins of a home."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from tongbao.errors import BusyError

__all__ = ["Arrivals"]

WAITING_MAX = 500
"""Each is a request that somebody keeps open; a server answers a thousand at a time, and money needs the others."""


@dataclass(eq=False, slots=True)
class _Waiter:
    homes: frozenset[int]
    sequence: int
    woken: "asyncio.Future[None]"


class Arrivals:
    """Those who wait for the ledger to go on.

    Attributes:
        released: whether waiting is over, because nothing comes any more.
    """

    def __init__(self) -> None:
        # In the order in which they came; a set would wake them in the order of their addresses in memory.
        self._waiters: dict[_Waiter, None] = {}
        self.released = False

    def announce(self, sequence: int, homes: Collection[int]) -> None:
        """Wake those who wait for this sequence, or for coins at one of these homes."""
        reached = [each for each in self._waiters if each.sequence <= sequence or not each.homes.isdisjoint(homes)]
        for waiter in reached:
            if not waiter.woken.done():
                waiter.woken.set_result(None)

    async def wait_for_sequence(self, sequence: int, *, timeout_s: float) -> None:
        """Return once the sequence is announced, or after the time."""
        await self._wait(frozenset(), sequence, timeout_s)

    async def wait_for_coins(self, homes: Collection[int], *, timeout_s: float) -> None:
        """Return once new coins at one of the homes are announced, or after the time."""
        await self._wait(frozenset(homes), 2**63, timeout_s)

    async def _wait(self, homes: frozenset[int], sequence: int, timeout_s: float) -> None:
        if len(self._waiters) >= WAITING_MAX:
            raise BusyError(f"{WAITING_MAX} requests wait for the ledger already; ask without waiting")
        waiter = _Waiter(homes, sequence, asyncio.get_running_loop().create_future())
        self._waiters[waiter] = None
        try:
            async with asyncio.timeout(timeout_s):
                await waiter.woken
        except TimeoutError:
            pass
        finally:
            del self._waiters[waiter]

    def release(self) -> None:
        """Wake everybody, because nothing comes any more."""
        self.released = True
        self.announce(2**63, ())
