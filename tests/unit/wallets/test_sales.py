"""A merchant asks for money, and sees what became of it."""

import pytest

from tests.wallet_people import People, bend
from tests.wallets_at_home import Residents
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.order import Order, OrderAmendment, OrderRequest, OrderState


async def test_a_merchant_sees_its_orders(people: People) -> None:
    shop = await people.shop()
    orders = [await shop.sales.create_order(100, str(number)) for number in range(3)]

    page = await shop.sales.orders()

    assert page.orders == orders[::-1]
    assert await shop.sales.order(orders[0].order_id) == orders[0]
    assert (await shop.history()).entries == []


async def test_an_order_over_another_amount_than_was_asked_is_not_believed(people: People) -> None:
    shop = await people.shop()
    bend(people.world, Order, amount_fen=1_000)

    with pytest.raises(PeerError):
        await shop.sales.create_order(100, "1")


async def test_a_shop_checks_out_and_reports_its_day(residents: Residents) -> None:
    shop, alice = await residents.shop(), await residents.open("alice", 1_000)
    order = OrderRequest(amount_fen=300, order_number="cart")
    urls = {"success_url": "https://shop.example/done", "cancel_url": "https://shop.example/cart"}
    made = await shop.sales.create_checkout(order, **urls)

    await alice.pay_order(made.order)

    report = await shop.sales.report()
    assert (await shop.sales.checkout(made.order.order_id)).return_url == urls["success_url"]
    assert (report.total.net_fen, report.reconciled, len(report.lines)) == (300, True, 1)
    assert await shop.sales.report(day=report.day) == report


async def test_an_address_that_is_none_is_not_asked_for(residents: Residents) -> None:
    shop = await residents.shop()
    order = OrderRequest(amount_fen=300, order_number="cart")

    with pytest.raises(RequestError) as refused:
        await shop.sales.create_checkout(order, success_url="javascript:alert(1)", cancel_url="https://shop.example/")
    assert refused.value.field == "success_url"


async def test_a_shop_amends_and_cancels_its_orders(residents: Residents) -> None:
    shop = await residents.shop()
    order = await shop.sales.create_order(300, "1", tip_fen_max=20)

    amended = await shop.sales.amend_order(order.order_id, OrderAmendment(amount_fen=250))
    cancelled = await shop.sales.cancel_order(order.order_id)

    assert (amended.amount_fen, amended.tip_fen_max, cancelled.state) == (250, 20, OrderState.CANCELLED)
