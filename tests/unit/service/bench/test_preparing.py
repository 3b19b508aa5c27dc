"""What is made on other processes is what would be made here, in order."""

from tongbao.service.bench.preparing import cores, made_beside, processes
from tongbao.service.bench.signers import SuiteChoice
from tongbao.service.bench.workload import Workload


def test_submissions_come_in_the_order_of_their_coins() -> None:
    workload = Workload(3, SuiteChoice.ED25519)
    domain, told = workload.genesis().domain(), list[tuple[str, int, int]]()

    with processes() as pool:
        made = made_beside(
            pool, workload, range(1, 3), domain, per_submission=500, report=lambda *each: told.append(each)
        )

    assert made == [part for serial in (1, 2) for part in workload.transfers(serial, domain, per_submission=500)]
    assert told == [("preparing", 1, 2), ("preparing", 2, 2)]
    assert cores() >= 1
