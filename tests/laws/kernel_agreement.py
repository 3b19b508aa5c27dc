"""Holding the native kernel to the reference on the adversary's histories.

`python -m tests.laws.kernel_agreement --transactions 1000000` compares them on that many, and says where they differ.
"""

import sys

from tests.laws.adversary import GENESIS, answer
from tests.laws.agreement import demand, hold_by_command
from tongbao.kernel import AppliedBatch, ReferenceKernel, select_kernel


class NativeLife:
    """The native kernel through one history; it goes on from the reference's snapshots."""

    def __init__(self) -> None:
        self._kernel = select_kernel("native")(GENESIS)

    def demand_same_answer(self, batch: bytes, applied: AppliedBatch | None, where: str) -> None:
        """Demand one answer, row by row."""
        found = answer(self._kernel, batch)
        demand(applied == found, where, applied, found)

    def demand_same_memory(self, reference: ReferenceKernel, where: str) -> None:
        """Demand one digest and one snapshot."""
        native, snapshot = self._kernel, reference.snapshot()
        demand(native.state_digest() == reference.state_digest(), f"{where}: digest", reference.state, native.totals())
        demand(native.snapshot() == snapshot, f"{where}: snapshot", reference.state, native.totals())
        self._kernel = type(native).from_snapshot(GENESIS, snapshot)


if __name__ == "__main__":
    sys.exit(hold_by_command(NativeLife, __doc__))
