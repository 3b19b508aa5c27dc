"""The kernel around the verdicts: what a batch gives back, what it remembers, and which rules judge."""

from dataclasses import replace

import pytest

from tests import kernel_builders
from tests.builders import ALICE, BOB, DOMAIN, GENESIS, batch, coin, control, spend_of, submission, transfer
from tests.kernel_builders import SETTLED, Ledger, reheaded, unsigned
from tongbao.coin import Batch, Domain, statuses_hash
from tongbao.coin.control import ActivateRules, Quota
from tongbao.errors import ConfigurationError
from tongbao.kernel import BatchInvalidError, JudgedSubmission, Kernel, ReferenceKernel, Status, judge_submission
from tongbao.kernel.rules import RULES

RECENT = 8


@pytest.mark.usefixtures("each_kernel")
def test_a_kernel_begins_at_genesis() -> None:
    kernel = kernel_builders.KERNEL(GENESIS)

    assert (kernel.genesis, kernel.domain) == (GENESIS, DOMAIN)
    assert (kernel.sequence, kernel.time_ms, kernel.chain_head) == (0, GENESIS.time_ms, DOMAIN.network_id)
    assert kernel.applied_statuses(0) == bytes(32)


def test_a_genesis_by_unknown_rules_does_not_start() -> None:
    with pytest.raises(ConfigurationError, match="names rules 7, which this version lacks: install a newer one"):
        ReferenceKernel(replace(GENESIS, rules=7))


@pytest.mark.usefixtures("each_kernel")
def test_a_batch_gives_back_its_header_chain_head_and_verdicts() -> None:
    ledger = Ledger()
    funds = ledger.fund(5, owner=ALICE)
    paid = transfer([spend_of(funds, 0, owner=ALICE)], [coin(5, owner=BOB)])
    following = ledger.next_batch([submission([paid]), submission([paid])])

    applied = ledger.apply(following)

    assert applied.header == following.header
    assert applied.chain_head == following.header.chain_head(DOMAIN) == ledger.kernel.chain_head
    assert applied.statuses == [0, Status.INPUT_NOT_UNSPENT]
    assert {type(status) for status in applied.statuses} == {int}
    assert (ledger.kernel.sequence, ledger.kernel.time_ms) == (2, following.header.time_ms)


@pytest.mark.usefixtures("each_kernel")
def test_the_statuses_of_the_latest_eight_batches_are_remembered() -> None:
    ledger = Ledger()
    for count in range(1, RECENT + 3):
        ledger.heartbeat(time_ms=ledger.now_ms + count)
    last = ledger.kernel.sequence

    known = [ledger.kernel.applied_statuses(sequence) for sequence in range(last + 1 - RECENT, last + 1)]

    assert known == [statuses_hash(sequence, [], DOMAIN) for sequence in range(last + 1 - RECENT, last + 1)]
    for forgotten in (last - RECENT, last + 1):
        with pytest.raises(KeyError):
            ledger.kernel.applied_statuses(forgotten)


def test_what_is_remembered_shrinks_with_rules_that_ask_for_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, 2, replace(RULES[1], version=2, applied_lag_max=3))
    ledger = Ledger(kernel=ReferenceKernel(GENESIS))
    for count in range(RECENT):
        ledger.heartbeat(time_ms=ledger.now_ms + count)

    assert ledger.control(control(ActivateRules(2))) == [SETTLED]

    kernel = ledger.kernel
    named = [sequence for sequence in range(kernel.sequence + 1) if _remembers(kernel, sequence)]
    assert named == [kernel.sequence - 2, kernel.sequence - 1, kernel.sequence]


def _remembers(kernel: Kernel, sequence: int) -> bool:
    try:
        kernel.applied_statuses(sequence)
    except KeyError:
        return False
    return True


def test_new_rules_judge_from_the_next_batch_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, 2, replace(RULES[1], version=2, batch_step_max_ms=5))
    ledger = Ledger(kernel=ReferenceKernel(GENESIS))

    found = ledger.control(control(ActivateRules(2)), control(Quota(0, 1, 5)))

    assert found == [SETTLED, SETTLED]
    assert ledger.kernel.judging.rules.version == 2
    with pytest.raises(BatchInvalidError, match="rules 1 are not in force"):
        ledger.apply(reheaded(ledger.next_batch(), rules=1))
    quota = submission([control(Quota(0, 1, 6), serial=2)], home=0)
    with pytest.raises(BatchInvalidError, match="may not step by 6 ms"):
        ledger.apply(ledger.next_batch([quota], time_ms=ledger.now_ms + 6))
    assert ledger.submit(quota, time_ms=ledger.now_ms + 5) == [SETTLED]


def test_what_other_rules_judged_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, 2, replace(RULES[1], version=2, suites=frozenset()))
    ledger = Ledger(kernel=ReferenceKernel(GENESIS))
    funds = ledger.fund(5, owner=ALICE)
    endorsed = submission([transfer([spend_of(funds, 0, owner=ALICE)], [coin(5, owner=BOB)])])
    verdict = judge_submission(endorsed.encode(), ledger.kernel.judging)
    assert isinstance(verdict, JudgedSubmission)

    assert ledger.control(control(ActivateRules(2))) == [SETTLED]

    with pytest.raises(BatchInvalidError, match="SUBMISSION_SIGNATURE_INVALID"):
        ledger.apply(ledger.next_batch([endorsed]), judged_by=verdict.rules)


@pytest.mark.usefixtures("each_kernel")
def test_what_the_same_rules_judged_is_believed() -> None:
    ledger = Ledger()
    funds = ledger.fund(5, owner=ALICE)
    broken = submission([unsigned(transfer([spend_of(funds, 0, owner=ALICE)], [coin(5, owner=BOB)]))])

    applied = ledger.apply(ledger.next_batch([broken]), judged_by=1)

    assert applied.statuses == [SETTLED]


@pytest.mark.usefixtures("each_kernel")
def test_what_cannot_have_been_judged_makes_the_batch_invalid() -> None:
    ledger = Ledger()
    torn = (b"\x00",)
    empty = batch()
    header = replace(ledger.next_batch([submission([control(Quota(0, 1, 5))], home=0)]).header)
    following = Batch(replace(header, body_hash=Batch.body_hash(torn, DOMAIN)), torn)
    before = ledger.kernel.snapshot()

    with pytest.raises(BatchInvalidError, match="a submission in it was never judged") as caught:
        ledger.apply(following, judged_by=1)

    assert caught.value.field == "batch"
    assert ledger.kernel.snapshot() == before
    assert ledger.apply(empty).statuses == []


@pytest.mark.parametrize("data", [b"", batch(previous=bytes(32)).encode()])
@pytest.mark.usefixtures("each_kernel")
def test_an_invalid_batch_is_named_as_such(data: bytes) -> None:
    kernel = kernel_builders.KERNEL(GENESIS)

    with pytest.raises(BatchInvalidError) as caught:
        kernel.apply(data)

    assert (caught.value.code, caught.value.field) == ("BATCH_INVALID", "batch")


@pytest.mark.usefixtures("each_kernel")
def test_an_invalid_batch_can_be_followed_by_a_valid_one() -> None:
    ledger = Ledger()
    with pytest.raises(BatchInvalidError, match="sequence 2 does not follow 0"):
        ledger.apply(batch(sequence=2))

    ledger.apply(batch())

    assert ledger.kernel.sequence == 1


@pytest.mark.usefixtures("each_kernel")
def test_judging_has_the_network_its_limits_and_the_rules_in_force() -> None:
    judging = kernel_builders.KERNEL(GENESIS).judging

    assert (judging.domain, judging.limits, judging.rules) == (DOMAIN, GENESIS.limits, RULES[1])
    assert isinstance(judging.domain, Domain)
