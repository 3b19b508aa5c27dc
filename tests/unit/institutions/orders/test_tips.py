import pytest

from tests.institution_people import Holder, refusal
from tongbao.protocol.order import OrderState
from tongbao.protocol.payment import Payee


async def test_a_tip_is_paid_on_top_and_shown_apart(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300, tip_fen_max=50)

    paid = await payer.pay_order(order, tip_fen=40)

    found = await shop.see(order)
    assert (paid.amount_fen, paid.tip_fen, paid.status) == (340, 40, "SETTLED")
    assert (found.state, found.amount_fen, found.tip_fen) == (OrderState.PAID, 300, 40)
    received, sent = (await shop.history()).entries[0], (await payer.history()).entries[0]
    assert (received.amount_fen, received.tip_fen) == (340, 40)
    assert (sent.amount_fen, sent.tip_fen) == (-340, -40)


@pytest.mark.parametrize(("tip_fen_max", "tip_fen"), [(0, 1), (50, 51)])
async def test_a_tip_beyond_what_the_order_takes_is_refused(
    shop: Holder, payer: Holder, tip_fen_max: int, tip_fen: int
) -> None:
    order = await shop.order(300, tip_fen_max=tip_fen_max)

    assert await refusal(payer.pay_order(order, tip_fen=tip_fen)) == "TIP_TOO_MUCH"


async def test_a_payer_who_thinks_again_gives_another_tip_with_the_same_coin(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300, tip_fen_max=50)
    payee = Payee(order_id=order.order_id, home=order.home)
    first = await payer.prepare(payee, tip_fen=50)

    second = await payer.pay(await payer.prepare(payee, tip_fen=10))

    assert (first.amount_fen, second.amount_fen) == (350, 310)
    assert (await shop.see(order)).tip_fen == 10


async def test_a_tip_goes_back_with_a_full_refund(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300, tip_fen_max=50)
    await payer.pay_order(order, tip_fen=40)
    most = Payee(refund_of=order.order_id)
    too_much = await refusal(shop.prepare(most, amount_fen=341))

    await shop.pay(await shop.prepare(most))

    found = await shop.see(order)
    assert (too_much, found.refunded_fen, found.state) == ("REFUND_TOO_MUCH", 340, OrderState.REFUNDED)


async def test_a_payer_who_thinks_again_twice_gets_all_of_it_back(shop: Holder, payer: Holder) -> None:
    order = await shop.order(300, tip_fen_max=50)
    payee = Payee(order_id=order.order_id, home=order.home)
    first, _, third = [await payer.prepare(payee, tip_fen=tip_fen) for tip_fen in (50, 0, 50)]
    await payer.pay(third)
    found = await shop.see(order)

    await shop.pay(await shop.prepare(Payee(refund_of=order.order_id)))

    assert (first.payment_id, found.tip_fen, (await payer.account()).balance_fen) == (third.payment_id, 50, 500)


@pytest.mark.parametrize("home", [1, 2])
async def test_nobody_but_a_shop_is_tipped(shop: Holder, payer: Holder, home: int) -> None:
    bob = await Holder.open(shop.world, 103, home=home)
    address = (await bob.account()).address

    assert await refusal(payer.prepare(Payee(address=address), amount_fen=10, tip_fen=1)) == "INVALID_FIELD"
