"""Holding the auditor to the reference kernel on the adversary's histories: two codes that share no rule.

`python -m tests.laws.audit_agreement --transactions 1000000` compares them on that many, and prints the statuses.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence

from tests.laws.adversary import DOMAIN, GENESIS, Adversary
from tongbao.audit import DivergenceError, History, OpenedBatch, Place, Signature, open_batches
from tongbao.audit.digest import state_digest
from tongbao.audit.snapshot import snapshot_state
from tongbao.kernel import Status

HISTORY_TRANSACTIONS = 5_000  # then all begins anew: successors, rekeyed officers and the like are for ever


def compare(transactions: int, *, seed: int, digest_every: int = 40) -> Counter[int]:
    """Hold the auditor to the kernel on so many transactions or more; `AssertionError` where they differ.

    Returns how often each status was the answer; -1 counts batches that could not follow.
    """
    told: Counter[int] = Counter()
    while told.total() - told[-1] < transactions:
        adversary, history = Adversary(seed), History.begin(GENESIS.encode(), Place("journal", 0, 0))
        batches = 0
        while adversary.statuses.total() < HISTORY_TRANSACTIONS and batches < HISTORY_TRANSACTIONS:
            batch = adversary.batch()
            applied = adversary.apply(batch)
            expected, found = None if applied is None else list(applied.statuses), _followed(history, batch)
            _demand(expected == found, f"seed {seed}, batch {batches}", expected, found)
            told[-1] += expected is None
            batches += 1
            if batches % digest_every == 0:
                _demand_same_memory(adversary, history, f"seed {seed}, batch {batches}")
        _demand_same_memory(adversary, history, f"seed {seed}, the end")
        told += adversary.statuses
        seed += 1
    return told


def _followed(history: History, batch: bytes) -> list[int] | None:
    """The auditor's statuses; None where it says that the batch cannot follow.

    The adversary signs nothing and asks no judge, so what a judge would say of its submissions is left out.
    """
    [opened] = open_batches([batch], DOMAIN, GENESIS.limits, _believe)
    if not isinstance(opened, OpenedBatch):
        return None
    submissions = tuple([each._replace(refusal=0) for each in opened.submissions])
    try:
        return list(history.follow(opened._replace(submissions=submissions), Place("journal", 0, 0)).statuses)
    except DivergenceError:
        return None


def _believe(signatures: Sequence[Signature]) -> Sequence[bool]:
    return [True] * len(signatures)


def _demand_same_memory(adversary: Adversary, history: History, where: str) -> None:
    kernel = adversary.kernel
    _demand(state_digest(history.memory, DOMAIN) == kernel.state_digest(), f"{where}: digest", kernel.state, history)
    _demand(snapshot_state(history) == kernel.snapshot(), f"{where}: snapshot", kernel.state, history)


def _demand(same: bool, where: str, expected: object, found: object) -> None:  # noqa: FBT001 - the condition is the point
    if not same:
        raise AssertionError(f"kernel and auditor differ at {where}\nkernel: {expected}\nauditor: {found}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and print how often each status was the answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transactions", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    told = compare(asked.transactions, seed=asked.seed)
    invalid = told.pop(-1, 0)
    for status, count in sorted(told.items()):
        sys.stdout.write(f"{count:>10}  {Status(status).name}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{told.total()} transactions agree, and {invalid} batches that cannot follow; {seconds:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
