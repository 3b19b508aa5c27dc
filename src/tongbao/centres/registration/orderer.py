"""The orderer: takes what waits, puts it into batches, settles them, tells those who wait. One task, one writer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from tongbao.centres.registration.arrivals import Arrivals
from tongbao.centres.registration.ledger import FATAL, Ledger, SettledBatch
from tongbao.centres.registration.ledger_time import ClockStuckError, TimeRules
from tongbao.centres.registration.metrics import RegistrationMetrics
from tongbao.centres.registration.ports import Clock
from tongbao.centres.registration.waiting import Draft, Group, Heartbeat, Line, Pending, Place
from tongbao.coin.batch import BatchKind
from tongbao.errors import BusyError, InvariantError, TongbaoError, WorldError

__all__ = ["Orderer"]

_log = logging.getLogger(__name__)


class Orderer:
    """Settles what waits in `line`; `when_due` is called where genesis wants a digest of the state.

    Attributes:
        line: what waits.
        settled_groups: how many groups were settled, so that others can see whether the ledger is idle.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        clock: Clock,
        follows_wall: bool,
        arrivals: Arrivals,
        metrics: RegistrationMetrics,
        when_due: Callable[[], Awaitable[None]],
    ) -> None:
        self.line = Line(transactions_max=ledger.kernel.genesis.limits.batch_transactions_max)
        self.settled_groups = 0
        self._ledger = ledger
        self._clock = clock
        self._follows_wall = follows_wall
        self._arrivals = arrivals
        self._metrics = metrics
        self._when_due = when_due
        self._stopping = False
        self._ends_with_money = False

    @property
    def _times(self) -> TimeRules:
        kernel = self._ledger.kernel
        test_network = kernel.genesis.test_network
        return TimeRules.of(kernel.judging.rules, test_network=test_network, follows_wall=self._follows_wall)

    async def take_over(self) -> None:
        """Write the first batch of this writer, a heartbeat: before it is durable, nothing may be answered."""
        last_ms = self._ledger.kernel.time_ms
        try:
            time_ms = self._times.step(last_ms=last_ms, wall_ms=self._clock.now_ms()).time_ms
        except ClockStuckError as error:
            _log.error("%s", error)
            time_ms = last_ms
        await self._settle(Group([Draft(BatchKind.HEARTBEAT, time_ms)]))

    async def run(self) -> None:
        """Settle what comes until `stop`; raises one of `FATAL` where the centre must step down."""
        while True:
            await self.line.arrived.wait()
            if self._stopping:
                await self._name_last_verdicts()
                return
            group = self._take_group()
            for item, error in group.refused:
                tell_failure(item, error)
            if group.drafts:
                await self._settle_or_tell(group)

    def _take_group(self) -> Group:
        kernel = self._ledger.kernel
        snapshot_every = kernel.genesis.limits.snapshot_every
        return self.line.take_group(
            self._times,
            last_ms=kernel.time_ms,
            wall_ms=self._clock.now_ms(),
            rules=kernel.rules,
            # A group ends where the state's digest is due, since within a group nobody can take it.
            batches_max=snapshot_every - kernel.sequence % snapshot_every,
        )

    async def _name_last_verdicts(self) -> None:
        """Let the journal end with a batch that names the verdicts on the last money, so that they can be checked."""
        if self._ends_with_money:
            heartbeat = Draft(BatchKind.HEARTBEAT, self._ledger.kernel.time_ms)
            await self._settle_or_tell(Group([heartbeat]))

    def stop(self) -> None:
        """Let `run` end after the group that it is at, and tell those who wait to come again."""
        self._stopping = True
        self.tell_all(BusyError("the registration centre is stopping; send it again", retry_after_s=5))
        self.line.arrived.set()

    def tell_all(self, error: TongbaoError) -> None:
        """Tell everybody who waits that nothing will come of it here."""
        for item in self.line.drain():
            tell_failure(item, error)

    async def beat_when_idle(self, every_s: float) -> None:
        """Let ledger time go on in quiet times, for ever."""
        while True:
            seen = self.settled_groups
            await self._clock.sleep(every_s)
            idle = self.settled_groups == seen and not self.line.arrived.is_set()
            if idle and self._clock.now_ms() > self._ledger.kernel.time_ms:
                await self._beat()

    async def _beat(self) -> None:
        heartbeat = Heartbeat(None, asyncio.get_running_loop().create_future())
        self.line.add(heartbeat)
        try:
            await heartbeat.answered
        except WorldError as error:
            _log.warning("no heartbeat: %s", error)

    async def _settle_or_tell(self, group: Group) -> None:
        try:
            await self._settle(group)
        except FATAL as error:
            self._tell(group, error)
            raise
        except WorldError as error:
            self._tell(group, error)
            _log.warning("a group of %d batches failed: %s", len(group.drafts), error)
        except Exception as error:
            broken = InvariantError(f"settling failed: {type(error).__name__}: {error}")
            self._tell(group, broken)
            raise broken from error

    def _tell(self, group: Group, error: TongbaoError) -> None:
        for item in group.waiting():
            tell_failure(item, error)

    async def _settle(self, group: Group) -> None:
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        settled = await self._ledger.settle(group.drafts, self._metrics)
        self.settled_groups += 1
        self._ends_with_money = group.drafts[-1].kind == BatchKind.MONEY
        self._metrics.settle_seconds.observe(loop.time() - started_s)
        self._metrics.count([each.applied for each in settled], time_ms=self._ledger.standing.time_ms)
        for draft, batch in zip(group.drafts, settled, strict=True):
            _tell_success(draft, batch)
        homes = {opening.coin.home for each in settled for _, opening in each.applied.created_coins()}
        self._arrivals.announce(self._ledger.standing.sequence, homes)
        if self._ledger.kernel.sequence % self._ledger.kernel.genesis.limits.snapshot_every == 0:
            await self._clock.sleep(0)  # answers go out first
            await self._when_due()


def _tell_success(draft: Draft, batch: SettledBatch) -> None:
    sequence, index = batch.applied.header.sequence, 0
    for pending in draft.submissions:
        if not pending.answered.done():
            pending.answered.set_result(Place(sequence, index))
        index += len(pending.ids)
    if draft.heartbeat is not None and not draft.heartbeat.answered.done():
        draft.heartbeat.answered.set_result(None)


def tell_failure(item: Pending | Heartbeat, error: TongbaoError) -> None:
    """Let whoever waits for the item know why nothing came of it; he may have gone."""
    if not item.answered.done():
        item.answered.set_exception(error)
        item.answered.exception()  # seen: nobody has to fetch it
