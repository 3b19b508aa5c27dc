from collections.abc import Awaitable, Callable

import pytest

from tests.institution_people import Holder, refusal
from tongbao.institutions.orders.openness import WANTED_BACK_MS
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.protocol.order import Order, OrderAmendment, OrderState
from tongbao.protocol.payment import Payee

LESS = OrderAmendment(amount_fen=200, description="with a discount")
Change = Callable[[Holder, Order], Awaitable[Order]]


async def cancel(shop: Holder, order: Order) -> Order:
    return await shop.cancel(order)


async def amend(shop: Holder, order: Order) -> Order:
    return await shop.amend(order, LESS)


def payee(order: Order) -> Payee:
    return Payee(order_id=order.order_id, home=order.home)


changes = pytest.mark.parametrize("change", [cancel, amend])


async def test_a_cancelled_order_is_not_paid(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300)

    cancelled = await shop.cancel(order)

    assert (cancelled.state, (await shop.see(order)).state) == (OrderState.CANCELLED, OrderState.CANCELLED)
    assert await refusal(payer.prepare(payee(order))) == "ORDER_CANCELLED"


async def test_an_order_is_cancelled_once_however_often_it_is_asked(shop: Holder) -> None:
    order = await shop.order(300)
    await shop.cancel(order)

    assert (await shop.cancel(order)).state is OrderState.CANCELLED


async def test_an_amended_order_is_paid_as_amended(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300)

    amended = await shop.amend(order, LESS)
    await payer.pay_order(order)

    assert (amended.amount_fen, amended.description, amended.expires_at_ms) == (
        200,
        "with a discount",
        order.expires_at_ms,
    )
    assert (await shop.see(order)).state is OrderState.PAID
    assert ((await payer.account()).balance_fen, (await shop.account()).balance_fen) == (300, 200)


async def test_who_wants_to_pay_what_an_order_asked_before_is_told_so(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300)
    await shop.amend(order, LESS)

    assert await refusal(payer.prepare(payee(order), amount_fen=300)) == "INVALID_FIELD"


async def test_an_expired_order_lives_again_by_a_longer_life(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300, expires_in_s=10)
    await shop.world.pass_time(10_001)

    amended = await shop.amend(order, OrderAmendment(expires_in_s=60))

    assert (amended.state, amended.expires_at_ms) == (OrderState.OPEN, shop.world.now_ms + 60_000)
    assert (await payer.pay_order(order)).status == "SETTLED"


async def test_a_cancelled_order_is_not_amended(shop: Holder) -> None:
    order = await shop.order(300)
    await shop.cancel(order)

    assert await refusal(shop.amend(order, LESS)) == "ORDER_CANCELLED"


@changes
async def test_a_paid_order_stays_as_it_is(shop: Holder, payer: Holder, change: Change) -> None:
    order = await shop.order(300)
    await payer.pay_order(order)

    assert await refusal(change(shop, order)) == "ORDER_PAID"
    assert (await shop.see(order)).amount_fen == 300


@changes
async def test_an_order_that_somebody_is_about_to_pay_stays_as_it_is(
    shop: Holder, payer: Holder, change: Change
) -> None:
    order = await shop.order(300)
    preparation = await payer.prepare(payee(order))

    refused = await refusal(change(shop, order))
    paid = await payer.pay(preparation)

    assert (refused, paid.status) == ("ORDER_RESERVED", "SETTLED")


@changes
async def test_an_order_whose_payer_never_signed_is_changed_once_that_has_expired(
    shop: Holder, payer: Holder, change: Change
) -> None:
    order = await shop.order(300)
    preparation = await payer.prepare(payee(order))
    await shop.world.pass_time(PREPARATION_MS + 1)

    await change(shop, order)

    assert await refusal(payer.pay(preparation)) == "EXPIRED"


@changes
async def test_an_order_is_changed_by_nobody_but_its_merchant(shop: Holder, change: Change) -> None:
    order = await shop.order(300)
    other = await Holder.open(shop.world, 111)
    await other.become_merchant("Coffee")

    assert await refusal(change(other, order)) == "NOT_FOUND"


async def test_more_than_a_coin_can_be_worth_is_not_asked(shop: Holder) -> None:
    order = await shop.order(300)

    assert await refusal(shop.amend(order, OrderAmendment(tip_fen_max=2**63 - 1))) == "INVALID_FIELD"
    assert await refusal(shop.order(2, "8", tip_fen_max=2**63 - 2)) == "INVALID_FIELD"


@changes
async def test_who_asks_again_and_again_holds_an_order_no_longer_than_who_asks_once(
    shop: Holder, payer: Holder, change: Change
) -> None:
    order = await shop.order(300)
    (coin,) = await payer.fund(300)
    first = await payer.prepare(payee(order), anchor=coin.coin.coin_id)
    await shop.world.pass_time(PREPARATION_MS - 1_000)

    again = await payer.prepare(payee(order), anchor=coin.coin.coin_id)
    await shop.world.pass_time(2_000)

    assert again == first.model_copy(update={"sequence": again.sequence, "time_ms": again.time_ms})
    assert await refusal(change(shop, order)) == ""


@changes
async def test_a_shop_that_was_refused_has_the_next_turn(shop: Holder, payer: Holder, change: Change) -> None:
    order = await shop.order(300)
    anchors = [coin.coin.coin_id for coin in await payer.fund(300, 300)]
    await payer.prepare(payee(order), anchor=anchors[0])
    refused = await refusal(change(shop, order))
    await shop.world.pass_time(PREPARATION_MS + 1)

    grabs = [await refusal(payer.prepare(payee(order), anchor=anchor)) for anchor in anchors]
    changed = await refusal(change(shop, order))

    assert (refused, grabs, changed) == ("ORDER_RESERVED", ["ORDER_RESERVED"] * 2, "")


async def test_whoever_holds_an_order_may_pay_it_though_the_shop_wants_it_back(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300)
    preparation = await payer.prepare(payee(order))
    await refusal(shop.cancel(order))

    paid = await payer.pay(await payer.prepare(payee(order)))

    assert (paid.status, paid.payment_id) == ("SETTLED", preparation.payment_id)


async def test_a_shop_that_does_not_take_its_turn_lets_others_pay(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300)
    await payer.prepare(payee(order))
    await refusal(shop.cancel(order))

    await shop.world.pass_time(PREPARATION_MS + WANTED_BACK_MS + 1)

    assert (await payer.pay_order(order)).status == "SETTLED"
