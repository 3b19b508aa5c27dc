"""Every kernel gives the reference kernel's answers: the same statuses, rows, digests and snapshots."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import ALICE, GENESIS, bytes32, public_key, signer
from tests.laws.agreement import hold
from tests.laws.kernel_agreement import NativeLife
from tests.laws.kernel_histories import PLANS, Step, World
from tongbao.coin.suites import Suite
from tongbao.errors import DamageError
from tongbao.kernel import Judged, Kernel, ReferenceKernel, Refusal, Status, has_native_kernel, select_kernel

pytestmark = pytest.mark.skipif(not has_native_kernel(), reason="this installation has no native kernel")

# What judge finds never comes as far as `apply`, and version 3 of the rules is rarely asked for.
APPLIED = {status for status in Status if not status.is_judged}


def native() -> type[Kernel]:
    """The native kernel."""
    return select_kernel("native")


def said(verdict: Judged | Refusal) -> object:
    """What a judge says, comparable: status and place, or what passed."""
    if isinstance(verdict, Refusal):
        return verdict.status, verdict.index
    return verdict.home, verdict.rules, verdict.controls, list(verdict.ids)


@given(plan=PLANS)
def test_signed_histories_and_their_lies_are_answered_alike(plan: list[Step]) -> None:
    world, kernel = World().live_through(plan), native()(GENESIS)
    told = [each.submission.encode() for each in world.told]

    for batch, statuses in zip(world.ledger.batches, world.ledger.statuses, strict=True):
        assert kernel.apply(batch).statuses == statuses
    expected = [said(ReferenceKernel.judge(each, kernel.judging)) for each in told]

    assert [said(kernel.judge(each, kernel.judging)) for each in told] == expected
    assert [said(each) for each in kernel.judge_many(told, kernel.judging)] == expected
    assert kernel.snapshot() == world.kernel.snapshot()


@given(plan=PLANS.filter(bool), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_submission_with_one_bit_changed_is_refused_alike(plan: list[Step], place: int, bit: int) -> None:
    world = World()
    data = bytearray(world.tell(plan[0]).submission.encode())
    data[place % len(data)] ^= 1 << bit

    verdicts = [each.judge(bytes(data), world.kernel.judging) for each in (native(), ReferenceKernel)]

    assert said(verdicts[0]) == said(verdicts[1])


def test_unsigned_histories_with_lies_at_the_edge_of_every_guard_are_answered_alike() -> None:
    told = hold(NativeLife, 2_000, seed=77)

    assert told[Status.SETTLED] > 500
    assert len(told) > 15


@pytest.mark.slow
def test_a_hundred_thousand_transactions_are_answered_alike() -> None:
    told = hold(NativeLife, 100_000, seed=1)

    assert told[-1] > 100, "batches that cannot follow"
    assert set(told) - {-1} == APPLIED


@pytest.mark.parametrize("place", [0, 8, 50, 100, 300, -33, -1])
def test_a_damaged_snapshot_is_refused_by_both(place: int) -> None:
    data = bytearray(World().kernel.snapshot())
    data[place] ^= 1

    for kernel in (ReferenceKernel, native()):
        with pytest.raises(DamageError, match="its checksum is wrong"):
            kernel.from_snapshot(GENESIS, bytes(data))


def test_signatures_verified_together_and_alone_are_answered_alike() -> None:
    _native = pytest.importorskip("tongbao._native")
    dice = random.Random(5)
    items = []
    for number in range(600):
        message, owner = bytes32(number), ALICE + number % 3
        signature = bytearray(signer(owner).sign(message))
        if dice.random() < 0.3:
            signature[dice.randrange(64)] ^= 1 << dice.randrange(8)
        items.append((int(Suite.ED25519), public_key(owner).key, bytes(signature), message))

    together = _native.verify_batch(items)

    assert together == [found for each in items for found in _native.verify_batch([each])]
    assert 100 < together.count(False) < 300
