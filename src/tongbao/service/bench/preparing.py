"""Making what a bench needs on all cores, before anything is measured."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial

from tongbao.coin import Domain
from tongbao.service.bench.workload import Handed, Workload

__all__ = ["Report", "cores", "made_beside", "processes"]

Report = Callable[[str, int, int], None]
"""Told of progress: the stage, how many are done, of how many."""


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def processes() -> Iterator[ProcessPoolExecutor]:
    """As many as there are cores, ended with the block."""
    context = multiprocessing.get_context("forkserver")  # not fork: this process has threads
    with ProcessPoolExecutor(cores(), mp_context=context) as pool:
        yield pool


def made_beside(
    pool: ProcessPoolExecutor,
    workload: Workload,
    serials: range,
    domain: Domain,
    *,
    per_submission: int,
    report: Report,
) -> list[Handed]:
    """The submissions that spend the thousands of coins with these serials, in order."""
    make = partial(_made, workload, domain, per_submission)
    made: list[Handed] = []
    for done, part in enumerate(pool.map(make, serials), 1):
        made += part
        report("preparing", done, len(serials))
    return made


def _made(workload: Workload, domain: Domain, per_submission: int, serial: int) -> list[Handed]:
    return workload.transfers(serial, domain, per_submission=per_submission)
