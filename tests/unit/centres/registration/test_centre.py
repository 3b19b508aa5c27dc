"""The centre's life, and the outcomes that it signs."""

import asyncio

import pytest

from tests.builders import (
    BOB,
    CENTRE,
    DOMAIN,
    coin,
    control,
    issue,
    public_key,
)
from tests.registration_world import CentreWorld, hand_in, issued, payment, settle_down, statuses
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin import Outcome, Receipt
from tongbao.coin.control import (
    AuthorityKind,
    Quota,
)
from tongbao.errors import BusyError
from tongbao.protocol.registration import HeartbeatRequest

KEYS = [public_key(CENTRE)]
MINUTE_MS, DAY_MS = 60_000, 86_400_000


# --- outcomes ---------------------------------------------------------------------------------------------------------


async def test_the_outcome_of_a_settled_transaction_is_signed_and_comes_with_its_receipt(
    centre: RegistrationCentre,
) -> None:
    pay = payment(await issued(centre, 1), 0, to=BOB)
    answer = await hand_in(centre, [pay])
    settled_at = await centre.status()
    await hand_in(centre, [issue([coin(1, owner=BOB)], serial=2)], home=0)

    found = await centre.outcome(pay.id(DOMAIN))

    outcome = Outcome.decode(found.outcome)
    outcome.verify(DOMAIN, keys=KEYS)
    assert (outcome.settled, outcome.sequence, outcome.time_ms) == (True, settled_at.sequence, settled_at.time_ms)
    assert found.receipt == answer.verdicts[0].receipt


async def test_absence_is_signed_with_the_sequence_and_time_that_it_accounts_for(
    centre: RegistrationCentre, world: CentreWorld
) -> None:
    pay = payment(await issued(centre, 1), 0, to=BOB)
    early = Outcome.decode((await centre.outcome(pay.id(DOMAIN))).outcome)
    await centre.heartbeat(HeartbeatRequest(time_ms=pay.body.expiry_ms + 1))

    found = await centre.outcome(pay.id(DOMAIN))

    outcome, status = Outcome.decode(found.outcome), await centre.status()
    outcome.verify(DOMAIN, keys=KEYS)
    assert found.receipt is None
    assert (outcome.sequence, outcome.time_ms) == (status.sequence, status.time_ms)
    assert outcome.proves_absence(expiry_ms=pay.body.expiry_ms)
    assert not early.proves_absence(expiry_ms=pay.body.expiry_ms)
    assert statuses(await hand_in(centre, [pay])) == ["EXPIRED"]
    assert world.outcomes() == 1


async def test_a_refused_transaction_is_absent(centre: RegistrationCentre) -> None:
    made = await issued(centre, 1)
    await hand_in(centre, [payment(made, 0, to=BOB)])
    second = payment(made, 0, to=BOB, reference=1)
    await hand_in(centre, [second])

    found = await centre.outcome(second.id(DOMAIN))

    assert not Outcome.decode(found.outcome).settled


async def test_an_old_receipt_is_given_again_after_many_batches_and_a_restart(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 9)
    first = await hand_in(centre, [payment(made, index, to=BOB) for index in range(8)])
    await centre.stop()
    await world.close()
    centre = await world.open()

    found = await centre.outcome(payment(made, 5, to=BOB).id(DOMAIN))

    assert found.receipt == first.verdicts[5].receipt
    Receipt.decode(first.verdicts[5].receipt).verify(DOMAIN, keys=KEYS)
    await centre.stop()


# --- time -------------------------------------------------------------------------------------------------------------


# --- what it says of the ledger ---------------------------------------------------------------------------------------


async def test_serials_are_told_by_subject(centre: RegistrationCentre) -> None:
    quota = Quota(0, 1, 77)
    await hand_in(centre, [control(quota)], home=0)

    known = await centre.serial(AuthorityKind.ISSUANCE, quota.subject())
    unknown = await centre.serial(AuthorityKind.ISSUANCE, Quota(0, 2, 77).subject())

    assert (known.serial, unknown.serial) == (1, 0)


async def test_a_reader_may_ask_for_a_batch_that_is_about_to_come(centre: RegistrationCentre) -> None:
    sequence = (await centre.status()).sequence
    waiting = asyncio.create_task(centre.reach(sequence + 1))
    await settle_down()
    assert not waiting.done()

    await issued(centre, 1)

    await asyncio.wait_for(waiting, 5)


async def test_a_batch_that_does_not_come_is_not_waited_for_long(
    centre: RegistrationCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.centres.registration.centre.REACH_S_MAX", 0.01)

    with pytest.raises(BusyError, match="batch 99 is not yet there"):
        await centre.reach(99)


# --- its life ---------------------------------------------------------------------------------------------------------


async def test_before_its_start_and_after_its_end_it_answers_nothing(world: CentreWorld) -> None:
    centre = await world.build()
    with pytest.raises(BusyError):
        await centre.status()

    await centre.start()
    await centre.demand_ready()
    await centre.stop()

    with pytest.raises(BusyError):
        await centre.demand_ready()
    assert await centre.failed() is None


async def test_stopping_answers_those_who_wait(world: CentreWorld) -> None:
    centre = await world.open()
    made = await issued(centre, 20)
    asking = [asyncio.create_task(hand_in(centre, [payment(made, index, to=BOB)])) for index in range(20)]
    await asyncio.sleep(0)

    await centre.stop()

    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(each, BusyError) or statuses(each) == ["SETTLED"] for each in answers)  # type: ignore[arg-type]
