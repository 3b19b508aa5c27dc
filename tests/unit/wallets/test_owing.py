"""Where coins are short, what is owed is asked first: nobody is sent for coins that no payment needs."""

import pytest

from tests.wallet_people import People
from tongbao.errors import RefusedError, RequestError
from tongbao.protocol.order import Order, OrderState
from tongbao.wallets import Wallet


def _becomes(people: People, order: Order, **changes: object) -> None:
    orders = people.world.homes[order.home].orders
    orders[order.order_id] = orders[order.order_id].model_copy(update=changes)


async def _paid_order(people: People, amount_fen: int) -> tuple[Order, Wallet]:
    """An order that was paid, and its shop, which has spent the money since."""
    order, shop = await people.order(amount_fen), await people.shop()
    alice = await people.open("alice", amount_fen)
    await alice.pay_order(order)
    await shop.sync()
    await shop.pay_person(str(alice.address), amount_fen)
    return order, shop


@pytest.mark.parametrize("values", [(), (100,)])
@pytest.mark.parametrize(
    ("state", "code"),
    [
        (OrderState.PAID, "ORDER_PAID"),
        (OrderState.REFUNDED, "ORDER_PAID"),
        (OrderState.EXPIRED, "ORDER_EXPIRED"),
        (OrderState.OPEN, "COINS_INSUFFICIENT"),
    ],
)
async def test_a_payer_short_of_coins_hears_first_that_nothing_is_to_be_paid(
    people: People, state: OrderState, code: str, values: tuple[int, ...]
) -> None:
    alice, order = await people.open("alice", *values), await people.order(300, home=2)
    _becomes(people, order, state=state)

    with pytest.raises(RefusedError) as caught:
        await alice.pay_order(order)

    assert caught.value.code == code
    assert caught.value.field
    assert caught.value.cure


@pytest.mark.parametrize(
    ("changes", "amount_fen", "code"),
    [
        ({}, 301, "REFUND_TOO_MUCH"),
        ({"refunded_fen": 200}, 101, "REFUND_TOO_MUCH"),
        ({"refunded_fen": 200}, 100, "COINS_INSUFFICIENT"),
        ({"state": OrderState.REFUNDED, "refunded_fen": 300}, 1, "REFUND_TOO_MUCH"),
        ({"state": OrderState.OPEN}, 1, "ORDER_UNPAID"),
        ({"state": OrderState.EXPIRED}, 1, "ORDER_UNPAID"),
    ],
)
async def test_a_shop_short_of_coins_hears_first_that_it_would_refund_too_much(
    people: People, changes: dict[str, object], amount_fen: int, code: str
) -> None:
    order, shop = await _paid_order(people, 300)
    _becomes(people, order, **changes)

    with pytest.raises(RefusedError) as caught:
        await shop.refund(order.order_id, amount_fen)

    assert caught.value.code == code


async def test_what_is_left_to_refund_is_told(people: People) -> None:
    order, shop = await _paid_order(people, 300)
    _becomes(people, order, refunded_fen=200)

    with pytest.raises(RefusedError, match="101 fen is more than the 100 fen left"):
        await shop.refund(order.order_id, 101)


async def test_an_order_that_is_not_there_is_told_so(people: People) -> None:
    alice, order = await people.open("alice"), await people.order(300)
    people.world.homes[1].orders.clear()

    with pytest.raises(RequestError) as caught:
        await alice.pay_order(order)

    assert caught.value.code == "NOT_FOUND"


async def test_a_home_that_does_not_say_what_is_owed_leaves_it_at_the_coins(people: People) -> None:
    alice, order = await people.open("alice"), await people.order(300)

    def silence(path: str) -> None:
        if "/orders/" in path:
            people.world.lose_requests = 2

    people.world.before = silence
    with pytest.raises(RefusedError) as caught:
        await alice.pay_order(order)

    assert caught.value.code == "COINS_INSUFFICIENT"


async def test_with_enough_coins_nobody_is_asked(people: People) -> None:
    alice, order = await people.open("alice", 300), await people.order(300)
    people.world.asked.clear()

    await alice.pay_order(order)

    assert not [asked for asked in people.world.asked if "/orders/" in asked]
