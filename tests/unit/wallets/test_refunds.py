"""Refunds as merchants and payers ask for them: whatever is done twice is done once, and never too much goes back."""

import asyncio

from tests.institution_people import refusal
from tests.refund_offers import ASKED, HOUR_S, across_and_within, heard, offered_to, sold
from tests.wallets_at_home import Residents
from tongbao.errors import RefusedError
from tongbao.institutions.refunds.offering import OFFERS_OF_ORDER_MAX
from tongbao.protocol.payment import Payee, Preparation, PrepareRequest
from tongbao.protocol.refund import Refund, RefundState
from tongbao.wallets import Wallet, WalletPayment


@across_and_within
async def test_everything_that_is_done_twice_is_done_once(residents: Residents, home: int) -> None:
    alice, shop, order = await sold(residents, home=home)
    offers = [await shop.refunds.offer(order.order_id, 100, refund_number="r1") for _ in range(2)]
    found = await offered_to(alice)

    answers = await asyncio.gather(alice.refunds.accept(found), alice.refunds.accept(found))
    paid = [*await shop.refunds.carry_out(), *await shop.refunds.carry_out()]
    last = await alice.refunds.accept(found)

    await heard(residents, alice)
    assert offers[0].refund_id == offers[1].refund_id
    assert {each.state for each in answers} == {RefundState.ACCEPTED}
    assert ([each.amount_fen for each in paid], last.state) == ([100], RefundState.RETURNED)
    assert alice.balance_fen == 800


async def test_a_number_with_other_content_is_a_conflict(residents: Residents) -> None:
    _, shop, order = await sold(residents, home=1)
    await shop.refunds.offer(order.order_id, 100, refund_number="r1")

    assert await refusal(shop.refunds.offer(order.order_id, 101, refund_number="r1")) == "CONFLICT"


@across_and_within
async def test_offers_never_exceed_the_payment_together(residents: Residents, home: int) -> None:
    _, shop, order = await sold(residents, home=home)

    codes = await asyncio.gather(*[refusal(shop.refunds.offer(order.order_id, 150)) for _ in range(4)])

    assert sorted(codes) == ["", "", "REFUND_TOO_MUCH", "REFUND_TOO_MUCH"]


@across_and_within
async def test_what_a_payer_declined_may_be_offered_again_and_what_was_returned_may_not(
    residents: Residents, home: int
) -> None:
    alice, shop, order = await sold(residents, home=home)
    await shop.refunds.offer(order.order_id, 200)
    await alice.refunds.decline(await offered_to(alice))
    await shop.refunds.offer(order.order_id, 200)
    await alice.refunds.accept(await offered_to(alice))
    await shop.refunds.carry_out()

    rest = await shop.refunds.offer(order.order_id)

    assert rest.amount_fen == 100
    assert await refusal(shop.refunds.offer(order.order_id, 1)) == "REFUND_TOO_MUCH"


async def test_two_machines_of_a_merchant_pay_an_accepted_refund_once(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=1)
    await residents.fund(shop, 300)
    await shop.refunds.offer(order.order_id, 100)
    await alice.refunds.accept(await offered_to(alice))
    other = residents.wallet("Tea")
    await other.start()

    done = await asyncio.gather(shop.refunds.carry_out(), other.refunds.carry_out(), return_exceptions=True)

    await heard(residents, alice)
    assert alice.balance_fen == 800, done
    assert (await shop.sales.order(order.order_id)).refunded_fen == 100


async def test_a_refund_under_way_with_one_coin_is_not_begun_with_another(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=1)
    made = await shop.refunds.offer(order.order_id, 100)
    await alice.refunds.accept(await offered_to(alice))
    await residents.fund(shop, 100)
    first, second = [coin.coin_id for coin in shop._coins.purse]

    await prepared(shop, made, first)

    assert await refusal(prepared(shop, made, second)) == "REFUND_UNDER_WAY"
    await residents.world.pass_time(HOUR_S * 1000)
    await prepared(shop, made, second)


async def prepared(shop: Wallet, refund: Refund, anchor: bytes) -> Preparation:
    request = PrepareRequest(payee=Payee(refund_id=refund.refund_id), anchor=anchor)
    return await shop._home.prepare(request)


async def test_what_nobody_has_answered_is_not_paid(residents: Residents) -> None:
    _, shop, order = await sold(residents, home=1)
    made = await shop.refunds.offer(order.order_id, 100)

    assert await refusal(shop._pay_refund(made)) == "REFUND_NOT_ACCEPTED"
    assert await refusal(shop.refund(order.order_id, 100)) == "REFUND_NEEDS_OFFER"


async def test_a_payer_is_not_asked_for_ever(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=1)
    for _ in range(OFFERS_OF_ORDER_MAX):
        await shop.refunds.offer(order.order_id, 10)
        await alice.refunds.decline(await offered_to(alice))

    assert await refusal(shop.refunds.offer(order.order_id, 10)) == "REFUNDS_TOO_MANY"


async def test_an_unpaid_order_and_that_of_another_are_not_refunded(residents: Residents) -> None:
    shop = await residents.shop()
    await shop.refunds.set_policy(ASKED)
    other = await residents.shop("Rice")
    order = await shop.sales.create_order(5, "1")

    codes = [await refusal(each.refunds.offer(order.order_id)) for each in (shop, other)]

    assert codes == ["ORDER_UNPAID", "NOT_FOUND"]


async def test_a_refund_that_cannot_be_paid_holds_up_none_of_the_others(residents: Residents) -> None:
    alice, shop, order = await sold(residents, home=1)
    for number, amount_fen in (("r1", 30), ("r2", 40), ("r3", 50)):
        await shop.refunds.offer(order.order_id, amount_fen, refund_number=number)
        await alice.refunds.accept(await offered_to(alice))
    pay_refund = shop.refunds._pay_refund

    async def all_but_the_first(refund: Refund) -> WalletPayment:
        if refund.refund_number == "r1":
            raise RefusedError("the payer's wallet is closed", code="WALLET_CLOSED")
        return await pay_refund(refund)

    shop.refunds._pay_refund = all_but_the_first
    assert await refusal(shop.refunds.carry_out()) == "WALLET_CLOSED"

    found = await shop.refunds.offered()
    states = {each.refund_number: each.state for each in found.refunds}
    assert states == {"r1": RefundState.ACCEPTED, "r2": RefundState.RETURNED, "r3": RefundState.RETURNED}
