"""Holding the native kernel to the reference on the adversary's histories.

`python -m tests.laws.kernel_agreement --transactions 1000000` compares them on that many, and says where they differ.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence

from tests.laws.adversary import GENESIS, Adversary, answer
from tongbao.kernel import Kernel, ReferenceKernel, Status, select_kernel

HISTORY_TRANSACTIONS = 5_000  # then all begins anew: successors, rekeyed officers and the like are for ever


def compare(transactions: int, *, seed: int, digest_every: int = 40) -> Counter[int]:
    """Hold the native kernel to the reference on so many transactions or more; `AssertionError` where they differ.

    Returns how often each status was the answer; -1 counts batches that could not follow.
    """
    told: Counter[int] = Counter()
    native_class = select_kernel("native")
    while told.total() - told[-1] < transactions:
        adversary, native = Adversary(seed), native_class(GENESIS)
        batches = 0
        while adversary.statuses.total() < HISTORY_TRANSACTIONS and batches < HISTORY_TRANSACTIONS:
            batch = adversary.batch()
            expected, found = adversary.apply(batch), answer(native, batch)
            _demand(expected == found, f"seed {seed}, batch {batches}", expected, found)
            told[-1] += expected is None
            batches += 1
            if batches % digest_every == 0:
                native = _demand_same_memory(adversary.kernel, native, f"seed {seed}, batch {batches}")
        _demand_same_memory(adversary.kernel, native, f"seed {seed}, the end")
        told += adversary.statuses
        seed += 1
    return told


def _demand_same_memory(reference: ReferenceKernel, native: Kernel, where: str) -> Kernel:
    """Demand one digest and one snapshot; return the native kernel that goes on from the reference's snapshot."""
    snapshot = reference.snapshot()
    _demand(native.state_digest() == reference.state_digest(), f"{where}: digest", reference.state, native.totals())
    _demand(native.snapshot() == snapshot, f"{where}: snapshot", reference.state, native.totals())
    return type(native).from_snapshot(GENESIS, snapshot)


def _demand(same: bool, where: str, expected: object, found: object) -> None:  # noqa: FBT001 - the condition is the point
    if not same:
        raise AssertionError(f"the kernels differ at {where}\nreference: {expected}\nnative: {found}")


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
