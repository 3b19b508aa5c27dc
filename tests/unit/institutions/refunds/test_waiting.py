"""What happens to offered refunds by themselves, and what restarts and silent homes change about it."""

import asyncio

import pytest

from tests.institution_people import refusal
from tests.refund_offers import ASKED_OR_NOT, HOUR_S, across_and_within, heard, in_state, offered_to, sold, told
from tests.wallets_at_home import Residents
from tongbao.errors import NetworkError
from tongbao.institutions.refunds.waiting import LOOK_S, PAUSE_S
from tongbao.protocol.refund import Refund, RefundDecision, RefundState
from tongbao.wallets import Wallet


@across_and_within
async def test_silence_is_consent_where_the_policy_says_so(residents: Residents, home: int) -> None:
    alice, shop, order = await sold(residents, home=home)
    await shop.refunds.offer(order.order_id, 120)
    before = await shop.refunds.carry_out()

    await residents.world.pass_time(HOUR_S * 1000 + 1)
    [paid] = await shop.refunds.carry_out()

    await heard(residents, alice)
    [refund] = (await shop.refunds.offered()).refunds
    assert (before, paid.amount_fen, alice.balance_fen) == ([], 120, 820)
    assert (refund.state, refund.decided_by) == (RefundState.RETURNED, RefundDecision.SILENCE)


@across_and_within
async def test_silence_is_the_end_of_the_offer_where_the_policy_says_so(residents: Residents, home: int) -> None:
    alice, shop, order = await sold(residents, home=home, policy=ASKED_OR_NOT)
    made = await shop.refunds.offer(order.order_id, 300)

    await residents.world.pass_time(HOUR_S * 1000 + 1)

    late = await refusal(alice.refunds.accept(await offered_to(alice)))
    again = await shop.refunds.offer(order.order_id, 300)
    assert (late, await shop.refunds.carry_out()) == ("REFUND_CLOSED", [])
    assert (await shop.refunds.find(made.refund_id)).state is RefundState.LAPSED
    assert again.state is RefundState.OFFERED


@across_and_within
async def test_merchant_and_payer_are_told_of_what_happens_by_itself(residents: Residents, home: int) -> None:
    alice, shop, order = await sold(residents, home=home)
    made = await shop.refunds.offer(order.order_id, 100)

    await residents.world.pass_time(HOUR_S * 1000 + 1)

    known = await in_state(residents, alice, made, RefundState.ACCEPTED)
    assert known.decided_by is RefundDecision.SILENCE
    assert (await told(residents, alice), await told(residents, shop)) == (["refund.offered"], ["refund.accepted"])


# --- troubles ---------------------------------------------------------------------------------------------------------


async def test_the_time_to_answer_begins_when_the_payers_home_has_the_offer(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=2)
    world = residents.world
    world.network.troubled, world.network.lose_requests = "deliveries", 1_000
    offering = asyncio.ensure_future(shop.refunds.offer(order.order_id, 100))
    while not offering.done():
        await world.clock.advance(10_000)
        await asyncio.sleep(0.01)
    await world.pass_time(2 * HOUR_S * 1000)
    undelivered, carried_out = offering.result(), await shop.refunds.carry_out()
    world.network.lose_requests = 0

    await world.clock.advance(PAUSE_S * 1000)
    found = await arrived(residents, alice)

    assert (undelivered.state, undelivered.answer_by_ms, carried_out) == (RefundState.OFFERED, None, [])
    assert (found.state, (found.answer_by_ms or 0) > world.now_ms) == (RefundState.OFFERED, True)


async def arrived(residents: Residents, alice: Wallet) -> Refund:
    """What alice is offered, once it is there."""

    async def ask() -> list[Refund]:
        await residents.world.clock.advance(int(LOOK_S * 1000))
        return (await alice.refunds.received()).refunds

    return (await residents.world.eventually(ask, lambda found: found != []))[0]


async def test_both_homes_restarted_in_the_middle_go_on_where_they_were(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=2)
    world = residents.world
    await shop.refunds.offer(order.order_id, 100)
    for home in (1, 2):
        await world.kill(home)
        await world.start(home)
    await world.catch_up()

    await alice.refunds.accept(await offered_to(alice))
    for home in (1, 2):
        await world.kill(home)
        await world.start(home)
    await world.catch_up()
    await shop.refunds.carry_out()

    await heard(residents, alice)
    assert alice.balance_fen == 800


async def test_an_answer_of_which_the_shops_home_does_not_hear_does_not_count(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=2)
    made = await shop.refunds.offer(order.order_id, 100)
    world = residents.world
    world.network.troubled, world.network.lose_requests = "answers", 1_000
    answering = asyncio.ensure_future(alice.refunds.accept(await offered_to(alice)))
    while not answering.done():
        await world.clock.advance(10_000)
        await asyncio.sleep(0.01)
    world.network.lose_requests = 0
    with pytest.raises(NetworkError):
        answering.result()

    undecided = await shop.refunds.find(made.refund_id)
    accepted = await alice.refunds.accept(await offered_to(alice))

    assert (undecided.state, accepted.state) == (RefundState.OFFERED, RefundState.ACCEPTED)
