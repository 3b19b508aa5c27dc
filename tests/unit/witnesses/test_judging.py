"""The one decision of a witness, case by case."""

import pytest

from tests.log_histories import LOG, LogHistory
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.witnesses.judging import Verdict, judge

HONEST = LogHistory()
FORGED = HONEST.rewritten_at(3)


@pytest.mark.parametrize(("old_size", "size"), [(1, 2), (7, 8), (8, 20), (7, 40), (7, 7)])
def test_what_continues_the_last_checkpoint_is_cosigned(old_size: int, size: int) -> None:
    judgement = judge(HONEST.checkpoint(old_size), HONEST.submission(old_size, size))

    assert judgement.verdict is Verdict.COSIGN


@pytest.mark.parametrize("size", [0, 1, 40])
def test_the_first_checkpoint_is_cosigned_as_it_is(size: int) -> None:
    assert judge(None, HONEST.submission(0, size)).verdict is Verdict.COSIGN


def test_a_log_that_was_empty_may_grow_to_anything() -> None:
    assert judge(HONEST.checkpoint(0), HONEST.submission(0, 9)).verdict is Verdict.COSIGN


def test_a_first_checkpoint_with_a_proof_is_refused() -> None:
    submission = HONEST.submission(7, 20)
    forged = type(submission).of(submission.signed, old_size=0, proof=submission.proof)

    assert judge(None, forged).verdict is Verdict.NO_PROOF


@pytest.mark.parametrize(("known", "old_size", "size"), [(7, 0, 20), (7, 6, 20), (0, 7, 20), (20, 7, 19)])
def test_a_log_that_thinks_of_another_checkpoint_is_told_the_size(known: int, old_size: int, size: int) -> None:
    last = HONEST.checkpoint(known) if known else None

    judgement = judge(last, HONEST.submission(old_size, size))

    assert (judgement.verdict, judgement.fork) == (Verdict.OTHER_SIZE, None)


@pytest.mark.parametrize("old_size", [0, 5, 20])
def test_another_root_of_the_same_size_is_a_fork_whatever_size_it_claims_to_continue(old_size: int) -> None:
    judgement = judge(HONEST.checkpoint(20), FORGED.submission(old_size, 20))

    assert judgement.verdict is Verdict.OTHER_ROOT
    assert judgement.fork is not None
    judgement.fork.demand([LOG.verifier_key])


def test_another_history_is_a_fork_that_its_own_proof_shows() -> None:
    judgement = judge(HONEST.checkpoint(7), FORGED.submission(7, 20))

    assert judgement.verdict is Verdict.NO_PROOF
    assert judgement.fork is not None
    first, second = judgement.fork.demand([LOG.verifier_key])
    assert (first.size, second.size) == (7, 20)


def test_another_history_behind_a_complete_tree_is_refused_though_its_proof_alone_convicts_nobody() -> None:
    judgement = judge(HONEST.checkpoint(8), FORGED.submission(8, 20))

    assert (judgement.verdict, judgement.fork) == (Verdict.NO_PROOF, None)


def test_a_made_up_proof_is_refused_and_convicts_nobody() -> None:
    submission = HONEST.submission(7, 20)
    made_up = type(submission).of(submission.signed, old_size=7, proof=[bytes(32)] * len(submission.proof))

    judgement = judge(HONEST.checkpoint(7), made_up)

    assert (judgement.verdict, judgement.fork) == (Verdict.NO_PROOF, None)


def test_a_proof_where_nothing_has_grown_is_refused() -> None:
    submission = HONEST.submission(7, 7)
    longer = type(submission).of(submission.signed, old_size=7, proof=[bytes(32)])

    assert judge(HONEST.checkpoint(7), longer).verdict is Verdict.NO_PROOF
    assert Checkpoint.decode(submission.signed.text).size == 7
