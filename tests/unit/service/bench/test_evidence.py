"""What evidence costs is measured by turns, with a log and without."""

from pathlib import Path

import pytest

from tests.kernel_builders import KERNEL
from tongbao.service.bench.evidence import EvidencePlan, measure_evidence
from tongbao.service.bench.signers import SuiteChoice
from tongbao.service.bench.workload import Workload

pytestmark = [pytest.mark.slow]


async def test_the_same_payments_are_sent_with_a_log_and_without(tmp_path: Path) -> None:
    workload = Workload(1, SuiteChoice.ED25519, signed=True)
    plan = EvidencePlan(workload=workload, transactions=1, rounds=1, clients=1, folder=tmp_path)

    measured = await measure_evidence(KERNEL, plan, lambda *_: None)

    assert measured["transactions"] == 1_000
    assert measured["with_log"]["cpu_us"] > 0
    assert measured["without_log"]["per_second"] > 0
    assert 66 < measured["log_bytes_per_entry"] < 80, "a row of 34 bytes and a leaf of 32, and the checkpoint"
