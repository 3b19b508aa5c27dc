"""What waits to be ordered, how much of it may, and which batches the next group commit holds.

Control goes before everything else. Everything else keeps the order in which it came.

The first batch of money or control closes its group. So whatever control changes (officers, rules, the clock) holds for
the next group, and the next group's headers name every verdict of this one: a header names one batch that was applied
before its own group, and of two batches of money in a group the first would be named by none.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tongbao.centres.registration.ledger_time import ClockStuckError, TimeRules
from tongbao.coin.batch import BATCH_BYTES_MAX, BatchKind
from tongbao.coin.submission import SUBMISSION_TRANSACTIONS_MAX
from tongbao.errors import BusyError, InvariantError, RefusedError, TongbaoError
from tongbao.kernel import Judged
from tongbao.kernel.state import CENTRAL_BANK

__all__ = ["Draft", "Group", "Heartbeat", "Line", "Pending", "Place", "Room"]

BATCH_OVERHEAD_BYTES = 256  # the header and its counts take 166
SUBMISSION_OVERHEAD_BYTES = 4  # its length in the batch
GROUP_BATCHES_MAX = 4  # heartbeats, and money at the end; of the 8 that a writer may be ahead of what it has applied

RIPE_BYTES = BATCH_BYTES_MAX * 3 // 4  # another submission of 256 payments may not fit any more

WAITING_TRANSACTIONS_MAX = 16_384
"""Four of the largest batches: some seconds of work. Who comes later is told to come again."""

WAITING_HOME_TRANSACTIONS_MAX = WAITING_TRANSACTIONS_MAX // 2
"""One busy home leaves the others half of the room."""

CENTRAL_BANK_TRANSACTIONS_MAX = SUBMISSION_TRANSACTIONS_MAX
"""Kept apart for the central bank, so that no crowd keeps control out."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a verdict stands.

    Attributes:
        sequence: the batch.
        index: the transaction's place in it.
    """

    sequence: int
    index: int


@dataclass(eq=False, slots=True)
class Pending:
    """A judged submission that waits for its batch.

    Attributes:
        data: the encoded submission.
        home: who endorsed it.
        ids: of its transactions, in order.
        controls: how many of them are control; they come first.
        rules: the rules version by which it was judged.
        judged: what judging made of it, so that applying computes nothing twice; None where that stayed with a worker.
        answered: the place of its first transaction, or why there is none.
    """

    data: bytes
    home: int
    ids: Sequence[bytes]
    controls: int
    rules: int
    judged: Judged | None
    answered: "asyncio.Future[Place]"


@dataclass(eq=False, slots=True)
class Heartbeat:
    """A wish that ledger time go on.

    Attributes:
        time_ms: to when; None for the wall clock's time.
        answered: resolved once it has.
    """

    time_ms: int | None
    answered: "asyncio.Future[None]"


@dataclass(slots=True)
class Draft:
    """A batch to be written.

    Attributes:
        kind: money or heartbeat.
        time_ms: its ledger time.
        submissions: what it holds.
        heartbeat: who asked for it, where somebody did.
    """

    kind: BatchKind
    time_ms: int
    submissions: list[Pending] = field(default_factory=list)
    heartbeat: Heartbeat | None = None

    @property
    def has_control(self) -> bool:
        """Whether what holds for the next batch is not known before this one is applied."""
        return any(each.controls for each in self.submissions)


@dataclass(slots=True)
class Group:
    """What one group commit holds, at most `batches_max` batches, and what is refused instead of being ordered."""

    drafts: list[Draft] = field(default_factory=list)
    batches_max: int = GROUP_BATCHES_MAX
    refused: list[tuple[Pending | Heartbeat, TongbaoError]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether it takes no more batches."""
        return len(self.drafts) >= self.batches_max

    def waiting(self) -> Iterator[Pending | Heartbeat]:
        """Everybody who waits for one of the batches."""
        for draft in self.drafts:
            yield from draft.submissions
            if draft.heartbeat is not None:
                yield draft.heartbeat


class Room:
    """How many transactions are on their way through the centre, by home."""

    def __init__(self) -> None:
        self._taken: Counter[int] = Counter()

    def taken(self) -> int:
        """Transactions of all homes."""
        return self._taken.total()

    def take(self, home: int, count: int) -> None:
        """Let `count` transactions in.

        Raises:
            BusyError: there is no room for them now.
        """
        if home == CENTRAL_BANK:
            full = self._taken[home] + count > CENTRAL_BANK_TRANSACTIONS_MAX
        else:
            others = self._taken.total() - self._taken[CENTRAL_BANK]
            full = others + count > WAITING_TRANSACTIONS_MAX or (
                self._taken[home] + count > WAITING_HOME_TRANSACTIONS_MAX
            )
        if full:
            raise BusyError(
                f"{self._taken[home]} transactions of home {home} wait already; send them again in a second"
            )
        self._taken[home] += count

    def leave(self, home: int, count: int) -> None:
        """Give the room back."""
        self._taken[home] -= count


class Line:
    """What waits to be ordered; `arrived` is set while anything does."""

    def __init__(self, *, transactions_max: int) -> None:
        self.arrived = asyncio.Event()
        self._transactions_max = transactions_max
        self._control: deque[Pending] = deque()
        self._others: deque[Pending | Heartbeat] = deque()
        # Transactions that are being judged on other threads or processes; those that wait here, and their bytes.
        self._coming = 0
        self._waiting = 0
        self._bytes = 0
        self._ripe = asyncio.Event()

    @property
    def _fills_a_batch(self) -> bool:
        return self._waiting >= self._transactions_max or self._bytes >= RIPE_BYTES

    def expect(self, count: int) -> None:
        """Transactions are being judged elsewhere and will be here in a moment; less than nothing once they are."""
        self._coming += count
        if not self._coming:
            self._ripe.set()

    async def ripen(self, seconds_max: float) -> None:
        """Let the next batch grow while others are being judged, for a moment: what a batch costs, all of it share."""
        if not self._coming or self._control or self._fills_a_batch:
            return
        self._ripe.clear()
        try:
            async with asyncio.timeout(seconds_max):
                await self._ripe.wait()
        except TimeoutError:
            pass

    def add(self, item: Pending | Heartbeat) -> None:
        """Let a submission or a heartbeat wait."""
        if isinstance(item, Pending) and item.controls:
            self._control.append(item)
        else:
            self._others.append(item)
        self._count([item], 1)
        if self._control or self._fills_a_batch:
            self._ripe.set()
        self.arrived.set()

    def drain(self) -> list[Pending | Heartbeat]:
        """Take everything out."""
        everything = [*self._control, *self._others]
        self._control.clear()
        self._others.clear()
        self._count(everything, -1)
        self._ripe.set()
        self.arrived.clear()
        return everything

    def _count(self, items: Iterable[Pending | Heartbeat], sign: int) -> None:
        for item in items:
            if isinstance(item, Pending):
                self._waiting += sign * len(item.ids)
                self._bytes += sign * len(item.data)

    def take_group(
        self, times: TimeRules, *, last_ms: int, wall_ms: int, rules: int, batches_max: int = GROUP_BATCHES_MAX
    ) -> Group:
        """The next group: at least one draft or one refusal where anything waits."""
        group = Group(batches_max=min(batches_max, GROUP_BATCHES_MAX))
        if self._control:
            self._take_control(group, times, last_ms=last_ms, wall_ms=wall_ms, rules=rules)
        else:
            self._take_others(group, times, last_ms=last_ms, wall_ms=wall_ms, rules=rules)
        if not self._control and not self._others:
            self.arrived.clear()
        self._count([*group.waiting(), *[item for item, _ in group.refused]], -1)
        return group

    def _take_control(self, group: Group, times: TimeRules, *, last_ms: int, wall_ms: int, rules: int) -> None:
        try:
            step = times.step(last_ms=last_ms, wall_ms=wall_ms)
        except ClockStuckError:
            # Control must pass: it is what sets the clock.
            draft = Draft(BatchKind.MONEY, last_ms)
        else:
            if step.needs_heartbeat:
                group.drafts.append(Draft(BatchKind.HEARTBEAT, step.time_ms))
            draft = Draft(BatchKind.MONEY, step.time_ms)
        if group.is_full:
            return
        draft.submissions = self._take_fitting(self._control, group, rules)
        if draft.submissions:
            group.drafts.append(draft)

    def _take_others(self, group: Group, times: TimeRules, *, last_ms: int, wall_ms: int, rules: int) -> None:
        while self._others and not group.is_full:
            time_ms = group.drafts[-1].time_ms if group.drafts else last_ms
            first = self._others[0]
            try:
                if isinstance(first, Heartbeat):
                    self._others.popleft()
                    _add_heartbeat(group, first, times, last_ms=time_ms, wall_ms=wall_ms)
                    continue
                step = times.step(last_ms=time_ms, wall_ms=wall_ms)
            except ClockStuckError as error:
                group.refused.extend((item, error) for item in self._others)
                self._others.clear()
                return
            if step.needs_heartbeat:
                group.drafts.append(Draft(BatchKind.HEARTBEAT, step.time_ms))
                continue
            draft = Draft(BatchKind.MONEY, step.time_ms, self._take_fitting(self._others, group, rules))
            if draft.submissions:
                group.drafts.append(draft)
                return

    def _take_fitting(
        self, line: "deque[Pending] | deque[Pending | Heartbeat]", group: Group, rules: int
    ) -> list[Pending]:
        """The next submissions that one batch can hold; what other rules judged is refused."""
        taken: list[Pending] = []
        size, count = BATCH_OVERHEAD_BYTES, 0
        while line and isinstance(line[0], Pending):
            first = line[0]
            if first.rules != rules:
                line.popleft()
                group.refused.append((first, BusyError("the rules have just changed; send it again to be judged anew")))
                continue
            size += len(first.data) + SUBMISSION_OVERHEAD_BYTES
            count += len(first.ids)
            if size > BATCH_BYTES_MAX or count > self._transactions_max:
                if not taken:
                    raise InvariantError(f"a submission of {len(first.data)} bytes was judged and fits into no batch")
                break
            line.popleft()
            taken.append(first)
            if 0 < first.controls < len(first.ids):
                break  # it ends with money, and no control may come after money
        return taken


def _add_heartbeat(group: Group, wish: Heartbeat, times: TimeRules, *, last_ms: int, wall_ms: int) -> None:
    if wish.time_ms is None:
        time_ms = times.step(last_ms=last_ms, wall_ms=wall_ms).time_ms
    else:
        time_ms = wish.time_ms
        try:
            times.demand_heartbeat(time_ms, last_ms=last_ms, wall_ms=wall_ms)
        except RefusedError as error:
            group.refused.append((wish, error))
            return
    group.drafts.append(Draft(BatchKind.HEARTBEAT, time_ms, heartbeat=wish))
