"""Holding another code to the reference kernel on the adversary's histories, and what is printed of it."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from tests.laws.adversary import Adversary
from tongbao.kernel import AppliedBatch, ReferenceKernel, Status

HISTORY_TRANSACTIONS = 5_000  # then all begins anew: successors, rekeyed officers and the like are for ever


class Other(Protocol):
    """What lives through a history beside the reference kernel; `AssertionError` where it differs."""

    def demand_same_answer(self, batch: bytes, applied: AppliedBatch | None, where: str) -> None:
        """Apply the batch, of which the reference kernel says this; None where it cannot follow."""
        ...

    def demand_same_memory(self, reference: ReferenceKernel, where: str) -> None:
        """Have one digest and one snapshot with the reference kernel."""
        ...


def demand(same: bool, where: str, expected: object, found: object) -> None:  # noqa: FBT001 - the condition is the point
    """Show where they differ unless they are the same."""
    if not same:
        raise AssertionError(f"they differ at {where}\nreference kernel: {expected}\nthe other: {found}")


def hold(begin: Callable[[], Other], transactions: int, *, seed: int, digest_every: int = 40) -> Counter[int]:
    """Hold what `begin` makes at each genesis to the reference kernel on so many transactions or more.

    Returns how often each status was the answer; -1 counts batches that could not follow.
    """
    told: Counter[int] = Counter()
    while told.total() - told[-1] < transactions:
        adversary, other = Adversary(seed), begin()
        batches = 0
        while adversary.statuses.total() < HISTORY_TRANSACTIONS and batches < HISTORY_TRANSACTIONS:
            batch = adversary.batch()
            applied = adversary.apply(batch)
            other.demand_same_answer(batch, applied, f"seed {seed}, batch {batches}")
            told[-1] += applied is None
            batches += 1
            if batches % digest_every == 0:
                other.demand_same_memory(adversary.kernel, f"seed {seed}, batch {batches}")
        other.demand_same_memory(adversary.kernel, f"seed {seed}, the end")
        told += adversary.statuses
        seed += 1
    return told


def hold_by_command(begin: Callable[[], Other], description: str | None, arguments: Sequence[str] | None = None) -> int:
    """Hold it as the command line says, and print how often each status was the answer."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transactions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    told = hold(begin, asked.transactions, seed=asked.seed)
    invalid = told.pop(-1, 0)
    for status, count in sorted(told.items()):
        sys.stdout.write(f"{count:>10}  {Status(status).name}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{told.total()} transactions agree, and {invalid} batches that cannot follow; {seconds:.0f} s\n")
    return 0
