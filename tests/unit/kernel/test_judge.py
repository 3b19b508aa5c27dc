"""What `judge` hands on, and what it costs. What it refuses is told by the vectors."""

import pickle
import time
from dataclasses import replace

import pytest

from tests.builders import (
    ALICE,
    BOB,
    CAROL,
    DOMAIN,
    GENESIS,
    INSTITUTIONS,
    OFFICERS,
    Spend,
    acceptance,
    bytes32,
    coin,
    control,
    issue,
    locked_coin,
    public_key,
    spend,
    submission,
    timed_lock,
    transfer,
)
from tests.kernel_builders import TIGHT, unsigned
from tongbao.coin import Authorisation, Input, Kind, Limits, Submission, Transaction
from tongbao.coin.control import AuthorityKind, OrderedMove, Quota
from tongbao.coin.ed25519 import SlowBudget, SlowBudgetExhaustedError
from tongbao.errors import RequestError
from tongbao.kernel import JudgedSubmission, ReferenceKernel, Refusal, Status, judge_submission
from tongbao.kernel.judge import first_late_control, judge_transaction, open_submission

JUDGING = ReferenceKernel(GENESIS).judging
PLAIN = transfer([spend(5, owner=ALICE)], [coin(5, owner=BOB)])


def paying_abroad() -> tuple[Spend, Submission]:
    """A coin and a submission that spends it with an acceptance."""
    spent, paid = spend(5, owner=ALICE), coin(5, owner=BOB, home=2)
    return spent, submission([transfer([spent], [paid], acceptances=[acceptance(spent.input, [paid])])])


def test_a_verdict_carries_what_was_computed_on_the_way() -> None:
    spent, endorsed = paying_abroad()

    verdict = judge_submission(endorsed.encode(), JUDGING)

    assert isinstance(verdict, JudgedSubmission)
    judged = verdict.transactions[0]
    assert (verdict.home, verdict.key, verdict.rules) == (1, public_key(INSTITUTIONS[1]), 1)
    assert judged.transaction.encode() == endorsed.transactions[0]
    assert judged.id == judged.transaction.id(DOMAIN)
    assert judged.coin_ids == (spent.input.coin_id(DOMAIN),)
    assert [each.home for each in judged.acceptances] == [2]


def test_opening_what_was_judged_gives_the_same_as_judging_it() -> None:
    _, endorsed = paying_abroad()

    opened = open_submission(endorsed.encode(), JUDGING)
    judged = judge_submission(endorsed.encode(), JUDGING)

    assert not isinstance(judged, Refusal)
    assert opened == replace(judged, is_opened=True)


def test_opening_does_not_judge_again() -> None:
    broken = submission([unsigned(transfer([spend(5, owner=ALICE)], [coin(5, owner=BOB)]))]).encode()

    opened = open_submission(broken, JUDGING)

    assert isinstance(judge_submission(broken, JUDGING), Refusal)
    assert len(opened.transactions) == 1


def test_opening_what_cannot_have_been_judged_is_an_error() -> None:
    with pytest.raises(RequestError):
        open_submission(b"", JUDGING)


def test_a_refusal_says_why_for_people() -> None:
    without_detail = transfer([spend(5, owner=ALICE)], [coin(6, owner=BOB)])

    refusal = judge_submission(submission([without_detail]).encode(), JUDGING)
    alone = judge_transaction(without_detail.encode(), JUDGING, home=1)

    assert refusal == Refusal(Status.VALUE_NOT_CONSERVED, 0, "value not conserved")
    assert alone == refusal


@pytest.mark.parametrize(
    ("transaction", "detail"),
    [
        (b"\x00", "needs 4 bytes, has 1"),
        (unsigned(transfer([spend(5, owner=ALICE)], [coin(5, owner=BOB)])).encode(), "not made by this key"),
    ],
)
def test_the_detail_of_an_error_is_kept(transaction: bytes, detail: str) -> None:
    refusal = judge_transaction(transaction, JUDGING, home=1)

    assert isinstance(refusal, Refusal)
    assert refusal.index == 0
    assert detail in refusal.detail


@pytest.mark.parametrize(
    ("data", "limits", "refusal"),
    [
        (
            b"",
            JUDGING.limits,
            Refusal(Status.SUBMISSION_MALFORMED, -1, "submission: needs 32 bytes, has 0 at byte 0"),
        ),
        (
            submission([PLAIN, PLAIN, PLAIN]).encode(),
            replace(JUDGING.limits, batch_transactions_max=2),
            Refusal(Status.SUBMISSION_MALFORMED, -1, "3 transactions fit into no batch, which has 2"),
        ),
        (
            submission([PLAIN], domain=TIGHT.domain()).encode(),
            JUDGING.limits,
            Refusal(Status.WRONG_NETWORK, -1, "the submission names another network"),
        ),
        (
            submission([issue([coin(5, owner=BOB)]), control(Quota(0, 1, 5))], home=0).encode(),
            JUDGING.limits,
            Refusal(Status.CONTROL_AFTER_MONEY, 1, "no batch may have control after money"),
        ),
    ],
    ids=lambda value: value.status.name if isinstance(value, Refusal) else "",
)
def test_a_submission_refused_as_a_whole_says_why_for_people(data: bytes, limits: Limits, refusal: Refusal) -> None:
    verdict = judge_submission(data, replace(JUDGING, limits=limits))

    assert verdict == refusal


def test_acceptances_say_which_of_their_rules_they_break() -> None:
    spent, paid = spend(5, owner=ALICE), coin(5, owner=BOB, home=2)
    word = acceptance(spent.input, [paid])
    stray = acceptance(spend(6, owner=ALICE).input, [paid])

    details = [
        judge_transaction(transfer([spent], [paid], acceptances=words).encode(), JUDGING, home=1)
        for words in ((word, word), (stray,))
    ]

    assert [each.detail for each in details if isinstance(each, Refusal)] == [
        "two acceptances of one home",
        "an acceptance's anchor is not among the inputs",
    ]


def test_a_verdict_can_be_sent_to_another_process() -> None:
    _, endorsed = paying_abroad()
    verdict = judge_submission(endorsed.encode(), JUDGING)

    returned = pickle.loads(pickle.dumps(verdict))  # noqa: S301 - our own bytes

    assert returned == verdict


def test_judging_can_be_sent_to_another_process() -> None:
    _, endorsed = paying_abroad()

    there = pickle.loads(pickle.dumps(JUDGING))  # noqa: S301 - our own bytes

    assert judge_submission(endorsed.encode(), there) == judge_submission(endorsed.encode(), JUDGING)


@pytest.mark.parametrize(
    ("kinds", "place"),
    [
        ([], None),
        ([Kind.CONTROL, Kind.CONTROL, Kind.ISSUE, Kind.TRANSFER], None),
        ([Kind.ISSUE, Kind.CONTROL], 1),
        ([Kind.CONTROL, Kind.REDEEM, Kind.TRANSFER, Kind.CONTROL, Kind.CONTROL], 3),
    ],
)
def test_control_is_late_after_any_money(kinds: list[Kind], place: int | None) -> None:
    assert first_late_control(kinds) == place


# --- suites -----------------------------------------------------------------------------------------------------------

WITHOUT_SUITES = replace(JUDGING, rules=replace(JUDGING.rules, suites=frozenset()))


def test_a_suite_that_the_rules_do_not_list_endorses_nothing() -> None:
    _, endorsed = paying_abroad()

    verdict = judge_submission(endorsed.encode(), WITHOUT_SUITES)

    assert verdict == Refusal(Status.SUBMISSION_SIGNATURE_INVALID, -1, "suite 1 is not active")


def test_a_suite_that_the_rules_do_not_list_opens_nothing() -> None:
    paid = transfer([spend(5, owner=ALICE)], [coin(5, owner=BOB)])

    verdict = judge_transaction(paid.encode(), WITHOUT_SUITES, home=1)

    assert verdict == Refusal(Status.SUITE_NOT_ACTIVE, 0, "suite not active")


def test_a_suite_that_the_rules_do_not_list_accepts_nothing() -> None:
    moved, paid = spend(5, owner=ALICE).input, coin(5, owner=BOB)
    order = control(OrderedMove(moved.coin_id(DOMAIN)), inputs=[moved], outputs=[paid], approvers=())
    carrying = replace(order.body, authorisations=(Authorisation.of(acceptance(moved, [paid])),))

    verdict = judge_transaction(Transaction(carrying).encode(), WITHOUT_SUITES, home=0)

    assert verdict == Refusal(Status.ACCEPTANCE_INVALID, 0, "suite 1 is not active")


# --- what it costs ----------------------------------------------------------------------------------------------------


def forged(part: str) -> Submission:
    """A submission with one signature that only a slow judgement can refuse."""
    spent, paid = spend(5, owner=ALICE), coin(5, owner=BOB, home=2)
    plain = transfer([spent], [coin(5, owner=BOB)])
    word = acceptance(spent.input, [paid])
    if part == "endorsement":
        return replace(submission([plain]), signature=submission([plain], home=2).signature)
    if part == "owner":
        return submission([unsigned(plain)])
    if part == "officer":
        issued = issue([paid])
        swapped = replace(issued, approvals=issue([paid], reference=1).approvals)
        return submission([swapped], home=0)
    other = acceptance(spent.input, [paid], expiry_ms=1)
    return submission([transfer([spent], [paid], acceptances=[replace(word, signature=other.signature)])])


@pytest.mark.parametrize("part", ["endorsement", "owner", "officer", "acceptance"])
def test_slow_judgements_are_rationed_whoever_signed(part: str) -> None:
    data = forged(part).encode()
    budget = SlowBudget(1)

    verdict = judge_submission(data, JUDGING, budget=budget)

    assert isinstance(verdict, Refusal)
    assert budget.used == 1
    with pytest.raises(SlowBudgetExhaustedError):
        judge_submission(data, JUDGING, budget=SlowBudget(0))


def test_honest_signatures_use_nothing_of_the_ration() -> None:
    _, endorsed = paying_abroad()

    verdict = judge_submission(endorsed.encode(), JUDGING, budget=SlowBudget(0))

    assert isinstance(verdict, JudgedSubmission)


def test_coins_under_one_key_are_verified_once() -> None:
    spends = [spend(1, owner=ALICE, index=index) for index in range(256)]
    many = transfer(spends, [coin(256, owner=BOB)])
    worse = replace(many, witnesses=tuple(unsigned(many).witnesses[:1]) * 256)
    budget = SlowBudget(1)

    verdict = judge_transaction(worse.encode(), JUDGING, home=1, budget=budget)

    assert isinstance(verdict, Refusal)
    assert verdict.status == Status.SIGNATURE_INVALID
    assert budget.used == 1


def test_many_restricted_coins_and_many_outputs_stay_affordable() -> None:
    homes = range(1, 17)
    locks = [timed_lock(ALICE, CAROL, homes=homes, salt=salt) for salt in range(256)]
    spends = [Spend(Input(bytes32(0), i, locked_coin(4, lock)), lock, ALICE) for i, lock in enumerate(locks)]
    outputs = [coin(1, owner=BOB, home=salt % 16 + 1, salt=salt) for salt in range(1024)]
    largest = transfer(spends, outputs).encode()
    started = time.process_time()

    verdict = judge_transaction(largest, JUDGING, home=1)

    assert not isinstance(verdict, Refusal)
    assert time.process_time() - started < 2  # 0.15 s on a slow machine; four of these fill a submission


def test_every_officer_may_approve() -> None:
    approved = control(Quota(0, 1, 5), approvers=OFFICERS[AuthorityKind.ISSUANCE])

    verdict = judge_submission(submission([approved], home=0).encode(), JUDGING)

    assert isinstance(verdict, JudgedSubmission)
    assert len(verdict.transactions[0].transaction.approvals) == 3
