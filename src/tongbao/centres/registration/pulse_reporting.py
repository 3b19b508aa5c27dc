"""What anybody may see of the pulse: a report a second, made only while somebody asks."""

import asyncio
from typing import Final

from tongbao.centres.registration.ledger import Ledger
from tongbao.centres.registration.pulse import PulseCounter
from tongbao.centres.registration.supply import SupplyReporting
from tongbao.protocol.registration import Pulse

__all__ = ["PulseReporting"]

SUPPLY_REST_PER_WORK: Final = 99.0
"""Looking at the supply takes a hundredth of the time at most, however many coins there are."""


class PulseReporting:
    """Makes one report a second at most; all who ask within it get the same."""

    def __init__(self, ledger: Ledger, counter: PulseCounter, supply: SupplyReporting) -> None:
        self._ledger = ledger
        self._counter = counter
        self._supply = supply
        self._second = -1
        self._report: Pulse | None = None
        self._turn = asyncio.Lock()

    async def report(self) -> Pulse:
        """The pulse as it is in this second."""
        async with self._turn:
            now_s = asyncio.get_running_loop().time()
            if self._report is None or int(now_s) != self._second:
                self._second = int(now_s)
                self._report = await self._made(now_s)
            return self._report

    async def _made(self, now_s: float) -> Pulse:
        supply = await self._supply.recent(rest_per_work=SUPPLY_REST_PER_WORK)
        standing, kernel = self._ledger.standing, self._ledger.kernel
        return Pulse(
            name=kernel.genesis.name,
            kernel=kernel.name,
            second=int(now_s),
            chain_head=standing.chain_head,
            settled_per_s=self._counter.series(now_s=now_s),
            latency=self._counter.latency(now_s=now_s),
            supply=supply,
            sequence=standing.sequence,
            time_ms=standing.time_ms,
        )
