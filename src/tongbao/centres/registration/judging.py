"""Judging submissions beside everything else, and rationing what is slow about it, home by home.

A kernel that lets other threads run while it judges does so on threads, and what it made of a submission goes on to
applying. Another judges on worker processes, from which only the verdict comes back, or in place.

The fast library settles canonical signatures. What it refuses is judged again by a slow implementation of the one rule,
thousands of times slower, so each home has a share of those. Who has used it up waits (HTTP 429); nothing is said of
the submission, and canonical signatures pass all the while.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tongbao.centres.registration.ports import Clock, Spawn
from tongbao.coin.ed25519 import SlowBudget, SlowBudgetExhaustedError
from tongbao.errors import RefusedError, RequestError
from tongbao.kernel import Judged, Judging, Kernel, Refusal

__all__ = ["Judge", "Judgement", "SlowShares", "judge_apart", "judge_here", "judge_together"]

INLINE_TRANSACTIONS_MAX = 4  # judging them takes about as long as handing them to a worker
SLOW_SHARE_MAX = 64  # each takes milliseconds: a home can stop a worker for well under a second
SLOW_SHARE_PER_SECOND = 4.0  # per home and in the long run, about one part in fifty of a worker


class SlowShares:
    """How many slow judgements each home may still cause: a bucket that fills up again with time."""

    def __init__(self) -> None:
        self._shares: dict[int, tuple[float, int]] = {}

    def take(self, home: int, *, now_ms: int) -> int:
        """All of what the home has left now; whoever takes it gives back what was not used."""
        left, since_ms = self._shares.get(home, (float(SLOW_SHARE_MAX), now_ms))
        left = min(SLOW_SHARE_MAX, left + max(0, now_ms - since_ms) / 1000 * SLOW_SHARE_PER_SECOND)
        taken = int(left)
        self._shares[home] = (left - taken, now_ms)
        return taken

    def give_back(self, home: int, count: int) -> None:
        """Return what was taken and not used."""
        left, since_ms = self._shares[home]
        self._shares[home] = (left + count, since_ms)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of a submission.

    Attributes:
        refusal: why it is refused, or None.
        exhausted: nothing is known, because the share of slow judgements was too small.
        controls: how many of its transactions are control; they come first.
        ids: of its transactions, in order.
        slow_used: how many slow judgements it took.
        judged: the submission, for applying; None where it was judged in another process.
    """

    refusal: Refusal | None
    exhausted: bool = False
    controls: int = 0
    ids: Sequence[bytes] = ()
    slow_used: int = 0
    judged: Judged | None = None


def judge_here(kernel_class: type[Kernel], data: bytes, judging: Judging, slow_allowed: int) -> Judgement:
    """Judge the submission encoded as `data`; pure, so that it runs on any thread."""
    budget = SlowBudget(slow_allowed)
    try:
        verdict = kernel_class.judge(data, judging, budget=budget)
    except SlowBudgetExhaustedError:
        return Judgement(None, exhausted=True, slow_used=budget.used)
    if isinstance(verdict, Refusal):
        return Judgement(verdict, slow_used=budget.used)
    return Judgement(None, controls=verdict.controls, ids=verdict.ids, slow_used=budget.used, judged=verdict)


def judge_together(kernel_class: type[Kernel], data: bytes, judging: Judging) -> Judgement:
    """Judge with all signatures of the submission verified together, on a thread; no judgement is slow there."""
    [verdict] = kernel_class.judge_many([data], judging)
    if isinstance(verdict, Refusal):
        return Judgement(verdict)
    return Judgement(None, controls=verdict.controls, ids=verdict.ids, judged=verdict)


def judge_apart(kernel_class: type[Kernel], data: bytes, judging: Judging, slow_allowed: int) -> Judgement:
    """Judge in another process: what is said of the submission is little, because it travels."""
    return replace(judge_here(kernel_class, data, judging, slow_allowed), judged=None)


class Judge:
    """Judges submissions for the centre, by the kernel that runs there."""

    def __init__(self, kernel_class: type[Kernel], *, spawn: Spawn, clock: Clock) -> None:
        self._kernel_class = kernel_class
        self._spawn = spawn
        self._clock = clock
        self._shares = SlowShares()

    async def judge(self, data: bytes, judging: Judging, *, home: int, count: int) -> Judgement:
        """What is said of the home's submission of `count` transactions, once it may be ordered.

        Raises:
            RefusedError: the submission is refused whole; its code is the kernel's status.
            RequestError: the home's share of slow judgements is used up (RATE_LIMITED).
        """
        allowed = self._shares.take(home, now_ms=self._clock.now_ms())
        used = allowed  # charged in full where the worker does not say otherwise
        asked = (self._kernel_class, data, judging, allowed)
        try:
            if count <= INLINE_TRANSACTIONS_MAX:
                said = judge_here(*asked)
            elif self._kernel_class.judges_in_threads:
                said = await self._spawn.call_on_thread(judge_together, self._kernel_class, data, judging)
            elif self._spawn.workers:
                said = await self._spawn.call(judge_apart, *asked)
            else:
                said = await self._spawn.call(judge_here, *asked)
            used = said.slow_used
        finally:
            self._shares.give_back(home, allowed - used)
        _demand_passed(said, home)
        return said


def _demand_passed(said: Judgement, home: int) -> None:
    if said.exhausted:
        raise RequestError(
            f"home {home} has sent too many signatures that are invalid or not canonical; nothing is known of these",
            code="RATE_LIMITED",
            field="submission",
            cure="wait a few seconds and send it again; check signatures before you endorse them",
        )
    if said.refusal is not None:
        refusal = said.refusal
        place = "submission" if refusal.index < 0 else f"submission.transactions[{refusal.index}]"
        raise RefusedError(
            f"{refusal.status.name}: {refusal.detail}",
            code=refusal.status.name,
            field=place,
            cure="judge each transaction before you endorse it; nothing of this submission was written down",
        )
