"""Many disasters, one seed after another, on as many processes as there are cores."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

import structlog

from tongbao.simulation.disasters.story import run_disaster
from tongbao.simulation.trace import Trace

__all__ = ["DisasterOutcome", "hushed", "run_one", "run_seeds"]

LINES_SHOWN: Final = 40
"""Of a failing seed's trace: what led to it is seldom further back."""


@dataclass(frozen=True, slots=True)
class DisasterOutcome:
    """What a seed came to.

    Attributes:
        seed: the seed.
        failure: which law broke, "" where none did.
        undecided: why nothing is said of liveness, "" where all came to its end.
        events: lines of the trace: messages, commits, faults.
        virtual_seconds: how long the currency lived.
        seconds: how long that took.
        digest: of the trace; the same seed has the same.
        faults: what struck, in order.
        replicas: of the centre.
        crashes: how often a role lost power.
        takeovers: how often a replica began to write.
        answers: how many things the centre's answers said.
        settled: how many transactions were answered as settled.
        last_events: the end of the trace, where a law broke.
    """

    seed: int
    failure: str = ""
    undecided: str = ""
    events: int = 0
    virtual_seconds: float = 0.0
    seconds: float = 0.0
    digest: str = ""
    faults: tuple[str, ...] = ()
    replicas: int = 0
    crashes: int = 0
    takeovers: int = 0
    answers: int = 0
    settled: int = 0
    last_events: tuple[str, ...] = ()

    @property
    def repeat(self) -> str:
        """The command that shows it again."""
        return f"tongbao simulate disasters --seeds {self.seed}..{self.seed}"

    @property
    def line(self) -> str:
        """For people."""
        if self.failure:
            shown = "\n    ".join(self.last_events)
            return f"seed {self.seed}: BROKEN: {self.failure}\n    {shown}\n  repeat it with: {self.repeat}"
        how = f"undecided: {self.undecided}" if self.undecided else "every law holds"
        return (
            f"seed {self.seed}: {how}; {self.settled} transactions, {self.crashes} crashes, {self.takeovers} takeovers "
            f"of {self.replicas} replicas; {', '.join(self.faults)}; trace {self.digest[:16]}"
        )


@contextmanager
def hushed() -> Iterator[None]:
    """Leave unsaid what dying roles complain of, which is no news here; afterwards everything is said as before."""
    disabled, configured = logging.root.manager.disable, structlog.get_config()
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        logging.disable(disabled)
        structlog.configure(**configured)


@hushed()
def run_one(seed: int) -> DisasterOutcome:
    """Run a seed and say what it came to, whatever that is."""
    started_s, traces = time.perf_counter(), list[Trace]()
    try:
        run = run_disaster(str(seed), sabotage=lambda world: traces.append(world.trace))
    except Exception as error:  # noqa: BLE001  # whatever a seed brings to light is told with the seed
        lines = traces[0].lines if traces else []
        return DisasterOutcome(
            seed,
            failure=f"{type(error).__name__}: {error}",
            events=len(lines),
            seconds=round(time.perf_counter() - started_s, 2),
            digest=traces[0].digest if traces else "",
            last_events=tuple(lines[-LINES_SHOWN:]),
        )
    result = run.result
    return DisasterOutcome(
        seed,
        undecided=result.undecided,
        events=len(run.trace.lines),
        virtual_seconds=round(result.seconds, 3),
        seconds=round(time.perf_counter() - started_s, 2),
        digest=run.trace.digest,
        faults=result.faults,
        replicas=result.replicas,
        crashes=result.crashes,
        takeovers=result.takeovers,
        answers=result.answers,
        settled=len(result.told.settled),
    )


def run_seeds(seeds: range, *, jobs: int) -> Iterator[DisasterOutcome]:
    """Run every seed, `jobs` at a time, and give what each came to in the order of the seeds."""
    if jobs == 1 or len(seeds) == 1:
        yield from map(run_one, seeds)
        return
    # A fresh interpreter for each: what this one has open is no business of theirs.
    with ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run_one, seeds)
