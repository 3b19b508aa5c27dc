"""The auditor, which shares no rule with the kernel, gives the kernel's answers to signed histories and to lies."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel_builders import KERNEL
from tests.laws.agreement import hold
from tests.laws.audit_agreement import AuditorLife
from tests.laws.kernel_histories import PLANS, Step, World
from tongbao.audit import History, OpenedBatch, Place, open_batches, verify_by_coin
from tongbao.audit.judge import Basis, open_submission
from tongbao.audit.snapshot import snapshot_state
from tongbao.audit.words import JUDGED, STATUSES
from tongbao.kernel import ReferenceKernel, Refusal, Status

APPLIED = {status for status in Status if not status.is_judged}
STATUSES_PAGE = Path(__file__).resolve().parents[2] / "docs/reference/statuses.md"


def judged(world: World, submission: bytes) -> tuple[int, int]:
    """What the auditor's judge says: the first refusal's number and which transaction it is about."""
    genesis = world.kernel.genesis
    pending = open_submission(submission, Basis(genesis.domain(), genesis.limits, world.kernel.rules))
    found = pending.settle(iter(verify_by_coin(list(pending.signatures()))))
    return found.refusal, found.place


def said(verdict: object) -> tuple[int, int]:
    """The same of a kernel's verdict."""
    return (verdict.status, max(verdict.index, 0)) if isinstance(verdict, Refusal) else (0, 0)


@given(plan=PLANS)
def test_signed_histories_and_their_lies_are_answered_alike(plan: list[Step]) -> None:
    world = World().live_through(plan)
    genesis, history = world.kernel.genesis, History.begin(world.kernel.genesis.encode(), Place("journal", 0, 0))

    for batch, statuses in zip(world.ledger.batches, world.ledger.statuses, strict=True):
        [opened] = open_batches([batch], genesis.domain(), genesis.limits, verify_by_coin)
        assert isinstance(opened, OpenedBatch)
        assert list(history.follow(opened, Place("journal", 0, 0)).statuses) == statuses

    assert snapshot_state(history) == world.kernel.snapshot()
    for told in [each.submission.encode() for each in world.told]:
        assert judged(world, told) == said(KERNEL.judge(told, world.kernel.judging))


@given(plan=PLANS.filter(bool), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_submission_with_one_bit_changed_is_refused_alike(plan: list[Step], place: int, bit: int) -> None:
    world = World()
    data = bytearray(world.tell(plan[0]).submission.encode())
    data[place % len(data)] ^= 1 << bit

    assert judged(world, bytes(data)) == said(ReferenceKernel.judge(bytes(data), world.kernel.judging))


def test_lies_at_the_edge_of_every_guard_are_answered_alike() -> None:
    told = hold(AuditorLife, 2_000, seed=77)

    assert told[Status.SETTLED] > 500
    assert len(told) > 15


@pytest.mark.slow
def test_a_hundred_thousand_transactions_are_answered_alike() -> None:
    told = hold(AuditorLife, 100_000, seed=1)

    assert told[-1] > 100, "batches that cannot follow"
    assert set(told) - {-1} == APPLIED


def test_the_auditor_lists_the_statuses_of_the_page_in_its_order() -> None:
    page = re.findall(r"^### ([A-Z_]+) \((\d+)\)$", STATUSES_PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert [(name, str(number)) for name, (number, _) in STATUSES.items()] == page
    assert {status.value for status in Status if status.is_judged} == JUDGED
