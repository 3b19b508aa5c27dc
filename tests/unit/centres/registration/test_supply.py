"""The supply report: right, fresh, and not too often."""

import asyncio

from tests.builders import (
    BOB,
    CENTRE,
    coin,
    issue,
    public_key,
)
from tests.registration_world import hand_in, issued, payment
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.centres.registration.supply import SupplyReporting

KEYS = [public_key(CENTRE)]
MINUTE_MS, DAY_MS = 60_000, 86_400_000


async def test_the_supply_report_counts_what_was_issued_and_moved(centre: RegistrationCentre) -> None:
    made = await issued(centre, 3, value=10)
    await hand_in(centre, [payment(made, 0, to=BOB)])

    report = await centre.supply()

    home = next(each for each in report.totals if each.home == 1)
    assert (home.issued, home.redeemed, home.unspent, home.quota) == (30, 0, 30, 1_000_000_000)
    assert [each.home for each in report.totals] == [1, 2]
    assert report.sequence == (await centre.status()).sequence


async def test_supply_reports_asked_for_together_cost_one_digest(centre: RegistrationCentre) -> None:
    await issued(centre, 1)

    reports = await asyncio.gather(*[centre.supply() for _ in range(10)])

    assert all(report is reports[0] for report in reports)


async def test_a_supply_report_accounts_for_everything_before_it(centre: RegistrationCentre) -> None:
    await issued(centre, 1)
    first = await centre.supply()
    await hand_in(centre, [issue([coin(5, owner=BOB)], serial=2)], home=0)

    second = await centre.supply()

    assert second.sequence == first.sequence + 1
    assert second.state_digest != first.state_digest


class Resting:
    """A clock on which whoever sleeps does so until all are woken."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    def now_ms(self) -> int:
        return 0

    async def sleep(self, _seconds: float) -> None:
        await self.over.wait()


async def test_nobody_who_asks_for_a_recent_report_waits_for_one_that_rests(centre: RegistrationCentre) -> None:
    await issued(centre, 1)
    clock = Resting()
    reporting = SupplyReporting(centre._running().ledger.kernel, clock)
    first = await reporting.recent(rest_per_work=0)
    await hand_in(centre, [issue([coin(5, owner=BOB)], serial=2)], home=0)

    newest = asyncio.create_task(reporting.report())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        meanwhile = await reporting.recent(rest_per_work=0)
    clock.over.set()

    assert meanwhile is first
    assert (await newest).sequence == first.sequence + 1
    assert await reporting.recent(rest_per_work=0) is await newest
