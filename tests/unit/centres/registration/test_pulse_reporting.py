"""What anybody may see of the pulse, from a centre that works."""

from pathlib import Path

import pytest

from tests.builders import BOB
from tests.registration_world import CentreWorld, hand_in, issued, payment


@pytest.fixture
def world(tmp_path: Path) -> CentreWorld:
    return CentreWorld(tmp_path)


async def test_the_pulse_tells_of_payments_the_supply_and_where_the_ledger_stands(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 2)
    await hand_in(centre, [payment(made, 0, to=BOB)])

    pulse, status = await centre.pulse(), await centre.status()

    assert (pulse.sequence, pulse.chain_head) == (status.sequence, status.chain_head)
    assert pulse.latency.transactions >= 2
    assert pulse.latency.p99_ms is not None
    assert pulse.supply == await centre.supply()
    assert pulse.supply.sequence == pulse.sequence
    await centre.stop()
    await world.close()


async def test_a_report_is_made_once_a_second_and_a_supply_that_has_not_changed_not_again(world: CentreWorld) -> None:
    centre = await world.open()
    reporting = centre._running().pulse

    first = await centre.pulse()
    reporting._second -= 1  # as if the second were over
    second = await centre.pulse()
    # Shared by all who ask within it, if it is not over just now.
    third = await centre.pulse()

    assert second is not first
    assert second.supply is first.supply
    assert third is second or third.second > second.second
    await centre.stop()
    await world.close()
