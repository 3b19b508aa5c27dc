"""What is particular to the native kernel: what it shares with Python, and how it fails."""

import dataclasses
import struct
import threading
import time

import pytest

from tests.builders import ALICE, BOB, DOMAIN, GENESIS, coin, issue, spend, spend_of, submission, transfer
from tests.kernel_builders import SETTLED, Ledger
from tongbao.coin.suites import Suite
from tongbao.errors import InvariantError
from tongbao.kernel import ReferenceKernel, Refusal
from tongbao.kernel.rules import RULES
from tongbao.kernel.state import Totals

_native = pytest.importorskip("tongbao._native", reason="this installation has no native kernel")
native = pytest.importorskip("tongbao.kernel.native")
NativeKernel = native.NativeKernel

CHECKSUM_BYTES = 32


def with_a_coin_that_nobody_made(snapshot: bytes, coin_id: bytes) -> bytes:
    """The snapshot of a kernel that has applied nothing, with one coin more and totals that account for it."""
    kernel = ReferenceKernel.from_snapshot(GENESIS, snapshot)
    kernel.state.unspent[coin_id] = (0, 1, 5)
    kernel.state.totals[0, 1] = kernel.state.totals.get((0, 1), Totals(issued=5))
    return kernel.snapshot()


def test_a_panic_raises_stops_the_kernel_and_does_not_end_the_process() -> None:
    issued = issue([coin(5, owner=ALICE)])
    coin_id = issued.body.outputs[0].id(DOMAIN, origin=issued.id(DOMAIN), index=0)
    snapshot = with_a_coin_that_nobody_made(ReferenceKernel(GENESIS).snapshot(), coin_id)
    ledger = Ledger(kernel=NativeKernel.from_snapshot(GENESIS, snapshot))

    with pytest.raises(InvariantError, match="the native kernel failed: the unspent coins contradict themselves"):
        ledger.control(issued)

    for ask in (ledger.kernel.state_digest, ledger.kernel.snapshot, ledger.kernel.totals):
        with pytest.raises(InvariantError, match="the kernel failed before"):
            ask()
    assert Ledger(kernel=NativeKernel(GENESIS)).control(issued) == [SETTLED]


def test_other_threads_run_while_signatures_are_verified() -> None:
    paid = [transfer([spend(5, owner=ALICE, origin=each)], [coin(5, owner=BOB)], reference=each) for each in range(200)]
    endorsed = [submission(paid).encode()] * 20
    judging = NativeKernel(GENESIS).judging
    done = threading.Event()
    ticks = 0

    def judge() -> None:
        NativeKernel.judge_many(endorsed, judging)
        done.set()

    worker = threading.Thread(target=judge)
    worker.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    worker.join()

    assert ticks > 3  # with the interpreter lock held there would be one


def test_judging_by_other_limits_is_not_judging_by_those_before() -> None:
    judging = NativeKernel(GENESIS).judging
    endorsed = submission([transfer([spend(5, owner=ALICE)], [coin(2, owner=BOB), coin(3, owner=BOB)])]).encode()
    narrow = dataclasses.replace(judging, limits=dataclasses.replace(judging.limits, outputs_max=1))

    assert not isinstance(NativeKernel.judge(endorsed, judging), Refusal)
    assert isinstance(NativeKernel.judge(endorsed, narrow), Refusal)


def test_both_kernels_know_the_same_rules() -> None:
    judging = ReferenceKernel(GENESIS).judging
    limits = struct.unpack(">HHIQQI", judging.limits.encode())

    for version in RULES:
        _native.Judging(DOMAIN.network_id, DOMAIN.hash_kind, version, limits)
    with pytest.raises(ValueError, match="the rules are unknown"):
        _native.Judging(DOMAIN.network_id, DOMAIN.hash_kind, max(RULES) + 1, limits)


def test_what_verifies_each_suite_of_the_rules_has_a_name() -> None:
    suites = RULES[max(RULES)].suites

    assert all(_native.backend_name(suite) for suite in suites)
    assert _native.backend_name(Suite.ML_DSA_44) is None
    assert all(_native.backend_name(suite) in NativeKernel.crypto for suite in suites)


def test_what_control_set_is_read_anew_when_the_central_bank_spoke_and_only_then() -> None:
    ledger = Ledger(kernel=NativeKernel(GENESIS))
    first = ledger.kernel.control
    funds = ledger.fund(5, owner=ALICE)
    second = ledger.kernel.control
    assert ledger.settle(transfer([spend_of(funds, 0, owner=ALICE)], [coin(5, owner=BOB)])) == [SETTLED]

    assert second is not first
    assert ledger.kernel.control is second
    assert (len(first.serials), len(second.serials)) == (0, 1)


def test_what_judged_holds_is_its_ids_and_how_much_control() -> None:
    paid = transfer([spend(5, owner=ALICE)], [coin(5, owner=BOB)])

    judged = NativeKernel.judge(submission([paid]).encode(), NativeKernel(GENESIS).judging)

    assert (judged.home, judged.rules, judged.controls, judged.ids) == (1, 1, 0, [paid.id(DOMAIN)])


def test_what_another_kernel_judged_is_not_known_to_be_fresh() -> None:
    ledger = Ledger(kernel=NativeKernel(GENESIS))
    paid = transfer([spend_of(ledger.fund(5, owner=ALICE), 0, owner=ALICE)], [coin(5, owner=BOB)])
    judged = ReferenceKernel.judge(submission([paid]).encode(), ledger.kernel.judging)
    assert not isinstance(judged, Refusal)

    assert not ledger.kernel.is_fresh(judged)
