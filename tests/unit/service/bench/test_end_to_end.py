"""Submissions go over the network to a centre of its own and come back as receipts."""

from pathlib import Path

import pytest

from tongbao.errors import InvariantError
from tongbao.kernel import ReferenceKernel
from tongbao.service.bench.end_to_end import Load, running_centre, send
from tongbao.service.bench.signers import SuiteChoice
from tongbao.service.bench.workload import Workload

WORKLOAD = Workload(5, SuiteChoice.ED25519)


@pytest.mark.slow
async def test_clients_settle_in_closed_and_open_loops_and_notice_refusals(tmp_path: Path) -> None:
    domain = WORKLOAD.genesis().domain()
    parts = WORKLOAD.transfers(1, domain, per_submission=50)

    async with running_centre(ReferenceKernel, WORKLOAD, tmp_path, spendable=1, report=lambda *_: None) as centre:
        most = send(centre, WORKLOAD, parts[:12], Load(clients=2, connections=2))
        paced = send(centre, WORKLOAD, parts[12:16], Load(clients=1, connections=4, per_second=20))
        foreign = Workload(5, SuiteChoice.ED25519).transfers(2, domain, per_submission=50)[:1]
        with pytest.raises(InvariantError, match="50 of the bench's own"):
            send(centre, WORKLOAD, foreign, Load(clients=1, connections=1))

    assert (most.transactions, len(most.latencies_s)) == (600, 12)
    assert most.cpu_s > 0
    assert paced.seconds >= 3 / 20
    assert len(paced.latencies_s) == 4
