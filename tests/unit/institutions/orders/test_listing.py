"""A listing of orders that asks for some of them gives those, in the same order, and page by page."""

from typing import Any

import pytest

from tests.institution_people import Holder, refusal
from tongbao.protocol.order import Order, OrderPage, OrderState


async def listed(shop: Holder, **query: Any) -> list[Order]:  # noqa: ANN401 - a filter's value
    """All orders that the shop asks for, two a page."""
    found: list[Order] = []
    after = ""
    while True:
        asked = {"limit": 2, "after": after, **query}
        page = await shop.client.get("/v1/orders", OrderPage, query=asked, headers=await shop.headers())
        found.extend(page.orders)
        after = page.next
        if not after:
            return found


@pytest.fixture
async def orders(shop: Holder, payer: Holder) -> dict[OrderState, list[Order]]:
    """Orders in every state but refunded, two of each."""
    made: dict[OrderState, list[Order]] = {}
    made[OrderState.EXPIRED] = [await shop.order(100, f"expired {n}", expires_in_s=1) for n in range(2)]
    await shop.world.pass_time(2_000)
    made[OrderState.OPEN] = [await shop.order(100, f"open {n}") for n in range(2)]
    made[OrderState.CANCELLED] = [await shop.order(100, f"cancelled {n}") for n in range(2)]
    for order in made[OrderState.CANCELLED]:
        await shop.cancel(order)
    made[OrderState.PAID] = [await shop.order(100, f"paid {n}") for n in range(2)]
    for order in made[OrderState.PAID]:
        await payer.pay_order(order)
        await shop.world.pass_time(5_000)
    return made


async def test_each_state_has_the_orders_that_are_in_it(shop: Holder, orders: dict[OrderState, list[Order]]) -> None:
    found = {state: await listed(shop, state=state.value) for state in OrderState}

    assert {state: [each.order_id for each in found[state]] for state in orders} == {
        state: [each.order_id for each in reversed(made)] for state, made in orders.items()
    }
    assert all(each.state is state for state, entries in found.items() for each in entries)
    assert sum(map(len, found.values())) == len(await listed(shop))


async def test_an_order_is_found_by_its_number(shop: Holder, orders: dict[OrderState, list[Order]]) -> None:
    found = await listed(shop, order_number="open 1")

    assert [each.order_id for each in found] == [orders[OrderState.OPEN][1].order_id]
    assert await listed(shop, order_number="open") == []


async def test_orders_are_found_by_when_they_were_paid(shop: Holder, orders: dict[OrderState, list[Order]]) -> None:
    first, second = [await shop.see(order) for order in orders[OrderState.PAID]]

    from_second = await listed(shop, paid_from_ms=second.paid_at_ms)
    until_second = await listed(shop, paid_until_ms=second.paid_at_ms)
    nothing = await listed(shop, paid_from_ms=second.paid_at_ms, paid_until_ms=second.paid_at_ms)

    assert [each.order_id for each in from_second] == [second.order_id]
    assert [each.order_id for each in until_second] == [first.order_id]
    assert nothing == []


async def test_filters_hold_all_at_once(shop: Holder, orders: dict[OrderState, list[Order]]) -> None:
    found = await listed(shop, state="paid", order_number="paid 0")

    assert [each.order_id for each in found] == [orders[OrderState.PAID][0].order_id]
    assert await listed(shop, state="open", order_number="paid 0") == []


@pytest.mark.parametrize(
    "query", [{"state": "lost"}, {"state": ""}, {"order_number": ""}, {"till_id": "x"}, {"paid_from_ms": -1}]
)
async def test_a_filter_that_makes_no_sense_is_refused(shop: Holder, query: dict[str, Any]) -> None:
    assert await refusal(shop.client.get("/v1/orders", OrderPage, query=query)) == "INVALID_FIELD"
