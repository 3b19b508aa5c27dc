"""Judging apart, and the rationing of what is slow about it."""

import pickle

import pytest

from tests.builders import (
    ALICE,
    BOB,
    DOMAIN,
    GENESIS,
    GENESIS_TIME_MS,
    coin,
    control,
    issue,
    spend,
    submission,
    transfer,
)
from tests.kernel_builders import KERNEL
from tests.registration_world import HandClock
from tongbao.adapters.spawn import TaskSpawn
from tongbao.centres.registration.judging import (
    SLOW_SHARE_MAX,
    Judge,
    SlowShares,
    judge_apart,
    judge_together,
)
from tongbao.coin import Submission, Transaction
from tongbao.coin.control import Quota
from tongbao.errors import RequestError
from tongbao.kernel import Judging, ReferenceKernel, Status

JUDGING: Judging = ReferenceKernel(GENESIS).judging


def test_a_verdict_travels_to_and_from_a_worker() -> None:
    endorsed = submission([control(Quota(0, 1, 5)), issue([coin(1, owner=ALICE)])], home=0)
    arguments = pickle.loads(pickle.dumps((endorsed.encode(), JUDGING, 5)))  # noqa: S301

    verdict = pickle.loads(pickle.dumps(judge_apart(ReferenceKernel, *arguments)))  # noqa: S301

    assert verdict.refusal is None
    assert (verdict.controls, verdict.slow_used, verdict.exhausted) == (1, 0, False)


def test_a_signature_that_only_a_slow_judgement_could_tell_needs_a_share() -> None:
    endorsed = submission([issue([coin(1, owner=ALICE)])], home=0)
    data = endorsed.encode()[:-1] + bytes((endorsed.encode()[-1] ^ 1,))

    without, with_share = judge_apart(ReferenceKernel, data, JUDGING, 0), judge_apart(ReferenceKernel, data, JUDGING, 1)

    assert without.exhausted
    assert with_share.refusal is not None
    assert (with_share.refusal.status, with_share.slow_used) == (Status.SUBMISSION_SIGNATURE_INVALID, 1)


def test_a_share_is_used_up_given_back_and_grows_again() -> None:
    shares = SlowShares()

    first = shares.take(1, now_ms=0)
    second = shares.take(1, now_ms=0)
    shares.give_back(1, 10)
    third = shares.take(1, now_ms=1_000)
    much_later = shares.take(1, now_ms=10_000_000)
    of_another = shares.take(2, now_ms=0)

    assert (first, second, third, much_later, of_another) == (SLOW_SHARE_MAX, 0, 14, SLOW_SHARE_MAX, SLOW_SHARE_MAX)


def test_a_clock_that_goes_back_gives_no_share() -> None:
    shares = SlowShares()
    shares.take(1, now_ms=5_000)

    assert shares.take(1, now_ms=0) == 0


@pytest.mark.parametrize("workers", [0, 1])
async def test_a_judge_hands_large_submissions_to_workers(workers: int) -> None:
    spawn = TaskSpawn(workers=workers)
    judge = Judge(ReferenceKernel, spawn=spawn, clock=HandClock(GENESIS_TIME_MS))
    pays = [
        transfer([spend(1, owner=ALICE, origin=number)], [coin(1, owner=BOB)], reference=number) for number in range(8)
    ]
    endorsed = submission(pays, home=1)

    said = await judge.judge(endorsed.encode(), JUDGING, home=1, count=8)
    assert (said.controls, list(said.ids)) == (0, [each.id(DOMAIN) for each in pays])
    assert (said.judged is None) == bool(workers)
    broken = endorsed.encode()[:-1] + bytes((endorsed.encode()[-1] ^ 1,))
    with pytest.raises(RequestError) as refused:
        await judge.judge(broken, JUDGING, home=1, count=8)

    assert (refused.value.code, refused.value.field) == ("SUBMISSION_SIGNATURE_INVALID", "submission")
    await spawn.close()


def test_judging_together_says_what_judging_one_by_one_does() -> None:
    endorsed = submission([issue([coin(1, owner=ALICE)])], home=0)
    bad = endorsed.encode()[:-1] + bytes((endorsed.encode()[-1] ^ 1,))

    good, refused = (judge_together(KERNEL, data, KERNEL(GENESIS).judging) for data in (endorsed.encode(), bad))

    assert (list(good.ids), good.controls) == ([endorsed_id(endorsed)], 0)
    assert refused.refusal is not None
    assert refused.refusal.status == Status.SUBMISSION_SIGNATURE_INVALID


def endorsed_id(endorsed: Submission) -> bytes:
    """The id of its first transaction."""
    return Transaction.decode(endorsed.transactions[0]).id(DOMAIN)
