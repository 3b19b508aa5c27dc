"""What the centre measures."""

from tests.builders import (
    BOB,
    CENTRE,
    GENESIS_TIME_MS,
    public_key,
)
from tests.registration_world import CentreWorld, hand_in, issued, payment
from tongbao.centres.registration.centre import RegistrationCentre

KEYS = [public_key(CENTRE)]
MINUTE_MS, DAY_MS = 60_000, 86_400_000


async def test_it_measures_what_it_does(centre: RegistrationCentre, world: CentreWorld) -> None:
    made = await issued(centre, 2)
    await hand_in(centre, [payment(made, 0, to=BOB), payment(made, 0, to=BOB, reference=1)])

    def value(name: str, **labels: str) -> float | None:
        return world.registry.get_sample_value(f"tongbao_registration_{name}", labels)

    assert value("batches_total", kind="money") == 2
    assert value("batches_total", kind="heartbeat") == 1
    assert value("transactions_total", status="SETTLED") == 2
    assert value("transactions_total", status="INPUT_NOT_UNSPENT") == 1
    assert value("sequence") == 3
    assert value("ledger_time_seconds") == GENESIS_TIME_MS / 1000 + 1
    assert value("waiting_transactions") == 0
    assert value("append_seconds_count") == 3
    assert (value("disk_free_bytes") or 0) > 0
