"""What any kernel offers: `judge` returns what is handed along to `apply`, and is believed of nothing else."""

from dataclasses import replace

import pytest

from tests.builders import ALICE, BOB, GENESIS, coin, issue, spend_of, submission, transfer
from tests.kernel_builders import SETTLED, Ledger, unsigned
from tongbao.coin import Domain, Transaction
from tongbao.coin.batch import BODY_UNHASHED
from tongbao.coin.domain import HashKind
from tongbao.kernel import BatchInvalidError, ReferenceKernel, Refusal, judge, reference


def paid_by_alice(ledger: Ledger) -> Transaction:
    """A payment of all that she has, which is 5."""
    return transfer([spend_of(ledger.fund(5, owner=ALICE), 0, owner=ALICE)], [coin(5, owner=BOB)])


def test_what_judge_returned_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(kernel=ReferenceKernel(GENESIS))
    endorsed = submission([paid_by_alice(ledger)])
    judged = ledger.kernel.judge(endorsed.encode(), ledger.kernel.judging)
    assert not isinstance(judged, Refusal)
    monkeypatch.setattr(reference, "judge_submission", None)
    monkeypatch.setattr(reference, "open_submission", None)

    applied = ledger.kernel.apply(ledger.next_batch([endorsed]).encode(), judged=[judged])

    assert applied.statuses == [SETTLED]


@pytest.mark.usefixtures("each_kernel")
def test_what_was_judged_of_other_bytes_counts_for_nothing() -> None:
    ledger = Ledger()
    paid = paid_by_alice(ledger)
    judged = ledger.kernel.judge(submission([paid]).encode(), ledger.kernel.judging)
    assert not isinstance(judged, Refusal)
    lie = submission([unsigned(paid)])

    with pytest.raises(BatchInvalidError, match="a submission in it is refused"):
        ledger.kernel.apply(ledger.next_batch([lie]).encode(), judged=[judged])


def test_what_was_judged_by_other_rules_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(kernel=ReferenceKernel(GENESIS))
    lie = submission([unsigned(paid_by_alice(ledger))])
    rules = replace(ledger.kernel.judging.rules, version=2)
    monkeypatch.setattr(judge, "verify_signature", lambda *_, **__: None)
    judged = ledger.kernel.judge(lie.encode(), replace(ledger.kernel.judging, rules=rules))
    monkeypatch.undo()
    assert not isinstance(judged, Refusal)

    with pytest.raises(BatchInvalidError, match="SIGNATURE_INVALID"):
        ledger.kernel.apply(ledger.next_batch([lie]).encode(), judged=[judged])


@pytest.mark.usefixtures("each_kernel")
def test_what_was_judged_beyond_the_submissions_counts_for_nothing() -> None:
    ledger = Ledger()

    assert ledger.kernel.apply(ledger.next_batch().encode(), judged=[None]).statuses == []


@pytest.mark.usefixtures("each_kernel")
def test_many_are_judged_as_each_would_be() -> None:
    ledger = Ledger()
    paid = paid_by_alice(ledger)
    submissions = [submission(each).encode() for each in ([paid], [unsigned(paid)], [paid])]

    verdicts = ledger.kernel.judge_many(submissions, ledger.kernel.judging)

    assert [isinstance(each, Refusal) for each in verdicts] == [False, True, False]
    assert verdicts[1] == ledger.kernel.judge(submissions[1], ledger.kernel.judging)


@pytest.mark.usefixtures("each_kernel")
def test_a_kernel_says_which_coins_are_unspent_and_whether_a_submission_is_fresh() -> None:
    ledger = Ledger()
    paid = paid_by_alice(ledger)
    coin_id = paid.body.inputs[0].coin_id(ledger.domain)
    judged = ledger.kernel.judge(submission([paid]).encode(), ledger.kernel.judging)
    assert not isinstance(judged, Refusal)
    before = ledger.kernel.are_unspent([coin_id, bytes(32), b""]), ledger.kernel.is_fresh(judged)

    assert ledger.settle(paid) == [SETTLED]

    assert before == ([True, False, False], True)
    assert (ledger.kernel.are_unspent([coin_id]), ledger.kernel.is_fresh(judged)) == ([False], False)
    assert (list(judged.ids), judged.controls) == ([paid.id(ledger.domain)], 0)


@pytest.mark.usefixtures("each_kernel")
def test_what_spends_nothing_is_not_known_to_be_fresh() -> None:
    ledger = Ledger()
    issued = submission([issue([coin(5, owner=ALICE)])], home=0)
    judged = ledger.kernel.judge(issued.encode(), ledger.kernel.judging)
    assert not isinstance(judged, Refusal)

    assert not ledger.kernel.is_fresh(judged)


@pytest.mark.usefixtures("each_kernel")
def test_what_was_formed_has_the_bytes_and_the_chain_head_of_its_batch_and_is_applied_as_they_are() -> None:
    ledger = Ledger()
    endorsed = submission([paid_by_alice(ledger)])
    following = ledger.next_batch([endorsed])
    unhashed = replace(following.header, body_hash=BODY_UNHASHED)

    formed = ledger.kernel.form(unhashed, [endorsed.encode()], ledger.domain)

    assert (formed.data, formed.chain_head) == (following.encode(), following.header.chain_head(ledger.domain))
    assert ledger.kernel.apply(formed).statuses == [SETTLED]
    assert ledger.kernel.chain_head == formed.chain_head


@pytest.mark.usefixtures("each_kernel")
def test_what_was_formed_for_a_ledger_of_another_hash_is_refused() -> None:
    ledger = Ledger()
    unhashed = replace(ledger.next_batch().header, body_hash=BODY_UNHASHED)
    other = Domain(ledger.domain.network_id, HashKind.SM3)

    formed = ledger.kernel.form(unhashed, [], other)

    with pytest.raises(BatchInvalidError, match="its body is not the header's"):
        ledger.kernel.apply(formed)


@pytest.mark.usefixtures("each_kernel")
def test_what_was_only_opened_is_believed_where_the_caller_answers_for_its_rules_and_judged_elsewhere() -> None:
    ledger = Ledger()
    lie = submission([unsigned(paid_by_alice(ledger))])
    opened = ledger.kernel.open_many([lie.encode()], ledger.kernel.judging)
    following = ledger.next_batch([lie]).encode()

    with pytest.raises(BatchInvalidError, match="a submission in it is refused"):
        ledger.kernel.apply(following, judged=opened)

    assert ledger.kernel.apply(following, judged=opened, judged_by=ledger.kernel.rules).statuses == [SETTLED]


@pytest.mark.usefixtures("each_kernel")
def test_what_is_no_submission_cannot_be_opened_and_does_not_keep_others_from_it() -> None:
    ledger = Ledger()
    paid = paid_by_alice(ledger)
    endorsed = submission([paid])

    broken, opened = ledger.kernel.open_many([endorsed.encode()[:-1], endorsed.encode()], ledger.kernel.judging)

    assert broken is None
    assert opened is not None
    assert list(opened.ids) == [paid.id(ledger.domain)]
