"""Holding the auditor to the reference kernel on the adversary's histories: two codes that share no rule.

`python -m tests.laws.audit_agreement --transactions 1000000` compares them on that many, and prints the statuses.
"""

import sys
from collections.abc import Sequence

from tests.laws.adversary import DOMAIN, GENESIS
from tests.laws.agreement import demand, hold_by_command
from tongbao.audit import DivergenceError, History, OpenedBatch, Place, Signature, open_batches
from tongbao.audit.digest import state_digest
from tongbao.audit.snapshot import snapshot_state
from tongbao.kernel import AppliedBatch, ReferenceKernel

PLACE = Place("journal", 0, 0)


class AuditorLife:
    """The auditor through one history."""

    def __init__(self) -> None:
        self._history = History.begin(GENESIS.encode(), PLACE)

    def demand_same_answer(self, batch: bytes, applied: AppliedBatch | None, where: str) -> None:
        """Demand the same statuses."""
        expected, found = None if applied is None else list(applied.statuses), self._followed(batch)
        demand(expected == found, where, expected, found)

    def _followed(self, batch: bytes) -> list[int] | None:
        """The auditor's statuses; None where it says that the batch cannot follow.

        The adversary signs nothing and asks no judge, so what a judge would say of its submissions is left out.
        """
        [opened] = open_batches([batch], DOMAIN, GENESIS.limits, _believe)
        if not isinstance(opened, OpenedBatch):
            return None
        submissions = tuple([each._replace(refusal=0) for each in opened.submissions])
        try:
            return list(self._history.follow(opened._replace(submissions=submissions), PLACE).statuses)
        except DivergenceError:
            return None

    def demand_same_memory(self, reference: ReferenceKernel, where: str) -> None:
        """Demand one digest and one snapshot."""
        own, kernel = self._history, reference.state
        demand(state_digest(own.memory, DOMAIN) == reference.state_digest(), f"{where}: digest", kernel, own)
        demand(snapshot_state(own) == reference.snapshot(), f"{where}: snapshot", kernel, own)


def _believe(signatures: Sequence[Signature]) -> Sequence[bool]:
    return [True] * len(signatures)


if __name__ == "__main__":
    sys.exit(hold_by_command(AuditorLife, __doc__))
