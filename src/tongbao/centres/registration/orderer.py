"""The orderer: takes what waits, puts it into batches, has them written and applied, tells those who wait. One writer.

While a group of batches is being written, the one before is applied and answered: the processor works while the disk
does. Nothing is speculative, since a batch is applied only once it is durable, and there is never more than one group
between. After control the next group waits until it is applied, because control changes what the next batch is made by.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from tongbao.centres.registration.arrivals import Arrivals
from tongbao.centres.registration.batch_rows import homes_in
from tongbao.centres.registration.ledger import FATAL, Ledger, SettledBatch, WrittenBatch
from tongbao.centres.registration.ledger_time import ClockStuckError, TimeRules
from tongbao.centres.registration.metrics import RegistrationMetrics
from tongbao.centres.registration.ports import Clock, Spawn
from tongbao.centres.registration.waiting import Draft, Group, Heartbeat, Line, Pending, Place
from tongbao.coin.batch import BatchKind
from tongbao.errors import BusyError, InvariantError, TongbaoError, WorldError

__all__ = ["Orderer"]

GATHER_S_MAX = 0.01
"""How long a batch may grow while others are being judged. A batch costs a millisecond however full it is; ten of them
are a tenth of what a payer may wait under load, and nobody waits for them where nothing else is being judged."""

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
        spawn: Spawn,
        when_due: Callable[[], Awaitable[None]],
    ) -> None:
        self.line = Line(transactions_max=ledger.kernel.genesis.limits.batch_transactions_max)
        self.settled_groups = 0
        self._ledger = ledger
        self._clock = clock
        self._follows_wall = follows_wall
        self._arrivals = arrivals
        self._metrics = metrics
        self._spawn = spawn
        self._when_due = when_due
        self._stopping = False
        self._settling: asyncio.Task[None] | None = None
        self._failure: TongbaoError | None = None

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
        written = await self._ledger.write([Draft(BatchKind.HEARTBEAT, time_ms)], self._metrics)
        await self._settle(written, asyncio.get_running_loop().time())

    async def run(self) -> None:
        """Settle what comes until `stop`; raises one of `FATAL` where the centre must step down."""
        while True:
            await self.line.arrived.wait()
            await self.line.ripen(GATHER_S_MAX)
            if self._failure is not None:
                raise self._failure
            if self._stopping:
                await self._finish()
                return
            if self._ledger.is_unsettled and not await self._settle_late():
                continue
            group = self._take_group()
            for item, error in group.refused:
                tell_failure(item, error)
            if group.drafts:
                await self._write_or_tell(group)

    async def _settle_late(self) -> bool:
        """Learn what became of a group without an answer, and settle it; while nobody can say, take nothing new."""
        started_s = asyncio.get_running_loop().time()
        try:
            written = await self._ledger.write_again(self._metrics)
        except FATAL:
            raise
        except WorldError as error:
            self.tell_all(BusyError(f"the journal takes nothing at the moment: {error}", retry_after_s=5))
            return False
        await self._settled()
        await self._settle_or_tell(written, started_s)
        if self._failure is not None:
            raise self._failure
        return True

    def _take_group(self) -> Group:
        kernel, tip = self._ledger.kernel, self._ledger.tip
        snapshot_every = kernel.genesis.limits.snapshot_every
        return self.line.take_group(
            self._times,
            last_ms=tip.time_ms,
            wall_ms=self._clock.now_ms(),
            rules=kernel.rules,
            # A group ends where the state's digest is due, since within a group nobody can take it.
            batches_max=snapshot_every - tip.sequence % snapshot_every,
        )

    async def _finish(self) -> None:
        """Let the journal end with batches that name the verdicts on the last money, so that they can be checked."""
        await self._settled()
        if self._failure is not None:
            raise self._failure
        if self._ledger.is_unsettled and not await self._settle_late():
            return  # the next start reads what became of it
        heartbeats = [Draft(BatchKind.HEARTBEAT, self._ledger.tip.time_ms) for _ in range(self._ledger.unnamed)]
        if heartbeats:
            await self._write_or_tell(Group(heartbeats))
            await self._settled()

    async def _settled(self) -> None:
        """Return once what is durable is applied and answered."""
        if self._settling is not None:
            await self._settling
            self._settling = None

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

    async def _write_or_tell(self, group: Group) -> None:
        """Have the group written, then, beside the next one, applied."""
        started_s = asyncio.get_running_loop().time()
        try:
            if self._ledger.is_behind and (self._settling is None or self._settling.done()):
                await self._ledger.catch_up()
            written = await self._ledger.write(group.drafts, self._metrics)
        except FATAL as error:
            _tell(group.drafts, error)
            raise
        except WorldError as error:
            _tell(group.drafts, error)
            _log.warning("a group of %d batches failed: %s", len(group.drafts), error)
            return
        except Exception as error:
            broken = _defect(error)
            _tell(group.drafts, broken)
            raise broken from error
        await self._settled()
        if self._failure is not None:
            _tell(group.drafts, self._failure)
            raise self._failure
        settling = self._settle_or_tell(written, started_s)
        self._settling = self._spawn.task(settling, name="settling")
        if group.drafts[-1].has_control:
            await self._settled()

    async def _settle_or_tell(self, written: Sequence[WrittenBatch], started_s: float) -> None:
        drafts = [each.draft for each in written]
        try:
            await self._settle(written, started_s)
        except WorldError as error:
            _tell(drafts, error)
            _log.warning("%d batches are durable and not in the index yet: %s", len(drafts), error)
            if isinstance(error, FATAL):
                self._fail(error)
        except TongbaoError as error:
            _tell(drafts, error)
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the centre cannot go on
            broken = _defect(error)
            broken.__cause__ = error
            _tell(drafts, broken)
            self._fail(broken)

    def _fail(self, error: TongbaoError) -> None:
        self._failure = error
        self.line.arrived.set()

    async def _settle(self, written: Sequence[WrittenBatch], started_s: float) -> None:
        loop = asyncio.get_running_loop()
        settled = await self._ledger.settle(written, self._metrics)
        self.settled_groups += 1
        now_s = loop.time()
        self._metrics.settle_seconds.observe(now_s - started_s)
        self._metrics.count([each.applied for each in settled], time_ms=self._ledger.standing.time_ms, now_s=now_s)
        for each in settled:
            _tell_success(each)
        homes = {home for each in settled for home in homes_in(each.applied.created)}
        self._arrivals.announce(self._ledger.standing.sequence, homes)
        kernel = self._ledger.kernel
        if kernel.sequence % kernel.genesis.limits.snapshot_every == 0:
            await self._clock.sleep(0)  # answers go out first
            await self._when_due()


def _defect(error: Exception) -> InvariantError:
    return InvariantError(f"settling failed: {type(error).__name__}: {error}")


def _tell(drafts: Sequence[Draft], error: TongbaoError) -> None:
    for item in Group(list(drafts)).waiting():
        tell_failure(item, error)


def _tell_success(batch: SettledBatch) -> None:
    draft, sequence, index = batch.draft, batch.applied.header.sequence, 0
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
