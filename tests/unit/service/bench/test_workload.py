"""Seeded money: the same bytes for the same seed, and transfers that settle."""

import pickle

import pytest

from tongbao.coin import Submission
from tongbao.errors import RequestError
from tongbao.kernel import ReferenceKernel, Refusal
from tongbao.service.bench.signers import SuiteChoice
from tongbao.service.bench.stages import batch_of, preload
from tongbao.service.bench.workload import PER_ISSUE, Workload, ceil_div

WORKLOAD = Workload(1, SuiteChoice.ED25519)
DOMAIN = WORKLOAD.genesis().domain()


def test_one_seed_gives_one_workload_also_on_another_process() -> None:
    travelled = pickle.loads(pickle.dumps(WORKLOAD))  # noqa: S301
    first, again = (each.transfers(1, DOMAIN, per_submission=256) for each in (WORKLOAD, travelled))
    other = Workload(2, SuiteChoice.ED25519).transfers(1, DOMAIN, per_submission=256)

    assert first == again != other
    assert [len(each.ids) for each in first] == [256, 256, 256, 232]
    assert sum(len(Submission.decode(each.data).transactions) for each in first) == PER_ISSUE


def test_its_transfers_are_well_made_and_settle() -> None:
    kernel = ReferenceKernel(WORKLOAD.genesis())
    batches = list(preload(kernel, WORKLOAD, spendable=1, fillers=1, report=lambda *_: None))
    part = WORKLOAD.transfers(1, DOMAIN, per_submission=16)[0]

    verdict = kernel.judge(part.data, kernel.judging)
    applied = kernel.apply(batch_of(kernel, [part.data]))

    assert len(batches) == 2
    assert not isinstance(verdict, Refusal)
    assert list(verdict.ids) == list(part.ids)
    assert applied.statuses == [0] * 16
    assert kernel.unspent_size()[0] == 2 * PER_ISSUE + 16


def test_unsigned_transfers_are_for_a_kernel_that_judges_nothing() -> None:
    kernel = ReferenceKernel(WORKLOAD.genesis())
    part = Workload(1, SuiteChoice.ED25519, signed=False).transfers(1, DOMAIN, per_submission=4)[0]

    with pytest.raises(RequestError, match="SIGNATURE_INVALID"):
        kernel.apply(batch_of(kernel, [part.data]))


def test_whole_thousands_hold_what_is_asked_for() -> None:
    assert [ceil_div(count, 1000) for count in (0, 1, 1000, 1001)] == [0, 1, 1, 2]
