"""The supply report, rationed: anyone may ask, and each answer costs a digest of the whole state."""

import asyncio

from tongbao.centres.registration.answers import supply_of
from tongbao.centres.registration.ports import Clock
from tongbao.kernel import Kernel
from tongbao.protocol.registration import SupplyReport

__all__ = ["SupplyReporting"]

REST_PER_WORK = 4.0  # after a report that took 0.1 s the next begins 0.4 s later: at most a fifth of the time goes here


class SupplyReporting:
    """Makes supply reports one at a time; all who ask while one is due get the same."""

    def __init__(self, kernel: Kernel, clock: Clock) -> None:
        self._kernel = kernel
        self._clock = clock
        self._turn = asyncio.Lock()
        self._report: SupplyReport | None = None
        self._made_s = 0.0
        self._work_s = 0.0

    async def report(self) -> SupplyReport:
        """The supply as it is after everything that was settled when this was asked."""
        asked_at = self._kernel.sequence
        async with self._turn:
            report = self._report
            if report is not None and report.sequence >= asked_at:
                return report
            now_s = asyncio.get_running_loop().time
            await self._clock.sleep(max(0.0, self._made_s + self._work_s * REST_PER_WORK - now_s()))
            return self._make()

    async def recent(self, *, rest_per_work: float) -> SupplyReport:
        """The supply as it was lately: older for longer, the longer it takes to look at it; nobody waits for it."""
        report = self._report
        if report is None:
            return self._make()
        if self._turn.locked():  # whoever has the turn rests, and makes a newer one after it
            return report
        rested_s = asyncio.get_running_loop().time() - self._made_s
        is_due = report.sequence < self._kernel.sequence and rested_s >= self._work_s * rest_per_work
        return self._make() if is_due else report

    def _make(self) -> SupplyReport:
        now_s = asyncio.get_running_loop().time
        started_s = now_s()
        self._report = supply_of(self._kernel)
        self._made_s = now_s()
        self._work_s = self._made_s - started_s
        return self._report
