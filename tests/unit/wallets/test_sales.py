"""A merchant asks for money, and sees what became of it."""

import pytest

from tests.wallet_people import People, bend
from tongbao.errors import PeerError
from tongbao.protocol.order import Order


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
