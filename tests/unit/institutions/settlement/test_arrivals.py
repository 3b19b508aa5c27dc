import asyncio
from dataclasses import replace

import pytest

from tests.builders import INSTITUTIONS, coin, signer
from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tests.registration_world import hand_in, statuses
from tongbao.coin import Authorisation
from tongbao.institutions.settlement.arrivals import Arrivals
from tongbao.protocol.banking import BankOperation, RequestIssuance
from tongbao.protocol.order import OrderState
from tongbao.protocol.payment import Payee

BOB = 103


@pytest.fixture
async def bob(shop: Holder) -> Holder:
    """A payer of the second institution with a coin of 500 fen."""
    await shop.world.fill_vault(10_000_000, home=2)
    bob = await Holder.open(shop.world, BOB, home=2)
    await bob.fund(500)
    return bob


async def test_coins_that_arrived_while_the_home_was_away_are_found(shop: Holder, bob: Holder) -> None:
    order = await shop.order(300)
    preparation = await bob.prepare(Payee(order_id=order.order_id, home=1))
    await shop.world.kill(1)

    await bob.pay(preparation)
    await shop.world.start(1)

    assert (await shop.see(order)).state is OrderState.PAID
    assert (await shop.account()).balance_fen == 300


async def test_reading_the_feed_from_its_start_again_changes_nothing(shop: Holder, bob: Holder) -> None:
    await bob.pay_order(await shop.order(300))
    before = await shop.world.report(), await shop.account(), await shop.history()
    parts = shop.world.homes[1]._parts
    again = Arrivals(parts.premises, parts.submitter._settling)

    page = await parts.premises.ledger.coins("", limit=1000, wait_s=0)
    await again._take(page)

    assert (await shop.world.report(), await shop.account(), await shop.history()) == before


async def test_a_home_that_lets_its_customer_underpay_has_not_paid_the_order(shop: Holder, bob: Holder) -> None:
    """The ledger allows less than the acceptance's maximum; the payee's home looks at the amount."""
    order = await shop.order(300)
    preparation = await bob.prepare(Payee(order_id=order.order_id, home=1))
    coins = await bob.coins()
    body = bob.body(preparation.model_copy(update={"amount_fen": 299}), coins)
    answer = await hand_in(shop.world.centre, [bob.sign(body, coins)], home=2)
    await shop.world.catch_up()

    found = await shop.see(order)

    assert statuses(answer) == ["SETTLED"]
    assert (found.state, (await shop.account()).balance_fen) == (OrderState.OPEN, 299)
    assert (await shop.world.report()).balanced


async def test_a_coin_on_a_lock_that_nobody_handed_out_is_kept_for_its_owner(shop: Holder, bob: Holder) -> None:
    preparation = await bob.prepare(Payee(order_id=(await shop.order(300)).order_id, home=1))
    coins = await bob.coins()
    stray = coin(1, owner=999, home=2)
    body = replace(bob.body(preparation, coins), outputs=(stray, coin(499, owner=998, home=2)), authorisations=())
    await hand_in(shop.world.centre, [bob.sign(body, coins)], home=2)

    await shop.world.catch_up()

    report = await shop.world.report(2)
    assert (report.balanced, report.circulating_fen) == (True, 500)


async def test_an_answer_may_be_asked_for_that_knows_what_has_just_arrived(shop: Holder, bob: Holder) -> None:
    order = await shop.order(300)
    payment = await bob.pay(await bob.prepare(Payee(order_id=order.order_id, home=1)))

    await shop.world.homes[1].reach(payment.sequence, with_coins=True)

    assert (await shop.world.homes[1].orders.find(order.order_id)).state is OrderState.PAID


async def test_what_the_centre_does_not_know_yet_is_not_waited_for_for_ever(world: InstitutionWorld) -> None:
    with pytest.raises(Exception, match="at batch"):
        await world.homes[1].reach(10**6, with_coins=True)


async def test_the_feed_goes_on_after_the_centre_was_away(shop: Holder, bob: Holder) -> None:
    world = shop.world
    order = await shop.order(300)
    preparation = await bob.prepare(Payee(order_id=order.order_id, home=1))
    world.network.troubled, world.network.lose_requests = "/v1/coins", 3
    await bob.pay(preparation)

    states = set()
    for _ in range(100):
        await world.clock.advance(1_000)
        await asyncio.sleep(0.01)
        states.add((await world.homes[1].orders.find(order.order_id)).state)

    assert OrderState.PAID in states


async def test_an_acceptance_of_another_coin_is_no_use(shop: Holder, bob: Holder) -> None:
    """One word, one anchor: a second transfer under the same acceptance cannot settle."""
    (second,) = await bob.fund(400)
    order = await shop.order(300)
    first = (await bob.coins())[0]
    preparation = await bob.prepare(Payee(order_id=order.order_id, home=1), anchor=first.coin.coin_id)
    await bob.pay(preparation, [first])
    body = bob.body(preparation, [second])

    refused = await refusal(hand_in(shop.world.centre, [bob.sign(body, [second])], home=2))

    assert refused == "ACCEPTANCE_INVALID"
    assert Authorisation(1, preparation.acceptance or b"") in body.authorisations
    assert signer(INSTITUTIONS[1]).public_key


async def test_the_vault_hears_of_issued_coins_though_whoever_asked_has_gone(world: InstitutionWorld) -> None:
    (reading,) = [task for task in world.homes[1]._tasks if getattr(task, "get_name", str)() == "arrivals"]
    reading.cancel()  # so that only requests read the feed
    request = RequestIssuance(amount_fen=500)
    operation = await world.teller().post("/v1/bank/issuance", request, BankOperation, idempotency_key=world.new_key())
    await world.approve(operation.proposal_id)
    await world.eventually(world.centre.supply, lambda supply: supply.totals[0].unspent == 500)
    disk = world.slow_disk()
    asking = asyncio.ensure_future(world.report())
    await world.until(disk.is_writing)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    disk.go_on()

    report = await world.report()
    purse = world.homes[1]._parts.premises.vault.purse
    assert (report.vault_fen, purse.value) == (500, 500)
