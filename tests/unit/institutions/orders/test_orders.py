import pytest

from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.protocol.link import OrderLink
from tongbao.protocol.order import Order, OrderPage, OrderState
from tongbao.protocol.payment import Payee


async def test_an_order_is_open_and_carries_its_link(shop: Holder) -> None:
    order = await shop.order(300)

    network_id = shop.world.genesis.domain().network_id
    assert (order.state, order.amount_fen, order.merchant_name) == (OrderState.OPEN, 300, "Tea")
    assert OrderLink.parse(order.link, network_id=network_id).order_id == order.order_id
    assert order.expires_at_ms == shop.world.now_ms + 900_000


async def test_the_same_number_with_the_same_content_is_the_same_order(shop: Holder) -> None:
    first = await shop.order(300, "7")
    await shop.world.pass_time(1_000)

    again = await shop.order(300, "7")

    assert again.model_copy(update={"sequence": 0, "time_ms": 0}) == first.model_copy(
        update={"sequence": 0, "time_ms": 0}
    )
    assert (await shop.account()).locks_left == 3


async def test_the_same_number_with_other_content_is_refused(shop: Holder) -> None:
    await shop.order(300, "7")

    assert await refusal(shop.order(301, "7")) == "CONFLICT"


async def test_two_shops_may_use_the_same_number(shop: Holder) -> None:
    other = await Holder.open(shop.world, 111)
    await other.become_merchant("Coffee")

    orders = [await shop.order(300, "7"), await other.order(300, "7")]

    assert len({order.order_id for order in orders}) == 2


async def test_an_order_expires_by_ledger_time(shop: Holder) -> None:
    order = await shop.order(300, expires_in_s=10)
    await shop.world.pass_time(10_000)
    last_moment = await shop.see(order)

    await shop.world.pass_time(1)

    assert (last_moment.state, (await shop.see(order)).state) == (OrderState.OPEN, OrderState.EXPIRED)


async def test_only_a_merchant_takes_orders(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)

    assert await refusal(alice.order(300)) == "FORBIDDEN"


@pytest.mark.parametrize("order_id", ["0" * 32, "zz", "00", "A" * 32])
async def test_an_order_that_is_not_here_is_not_found(shop: Holder, order_id: str) -> None:
    assert await refusal(shop.client.get(f"/v1/orders/{order_id}", Order)) == "NOT_FOUND"


async def test_a_shop_lists_its_orders_newest_first_page_by_page(shop: Holder) -> None:
    for number in range(5):
        await shop.order(100, str(number))

    first = await shop.client.get("/v1/orders", OrderPage, query={"limit": 3})
    second = await shop.client.get("/v1/orders", OrderPage, query={"limit": 3, "after": first.next})

    assert [order.order_number for order in first.orders + second.orders] == ["4", "3", "2", "1", "0"]
    assert second.next == ""


async def test_who_is_no_merchant_has_no_orders_to_list(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)

    assert await refusal(alice.client.get("/v1/orders", OrderPage)) == "FORBIDDEN"


async def test_an_order_at_another_home_is_read_through_ones_own(shop: Holder) -> None:
    order = await shop.order(300)
    bob = await Holder.open(shop.world, 103, home=2)

    found = await bob.client.get(f"/v1/homes/1/orders/{order.order_id}", Order)

    assert found.order_id == order.order_id


async def test_a_home_that_is_not_known_has_no_orders(shop: Holder) -> None:
    assert await refusal(shop.client.get(f"/v1/homes/9/orders/{'0' * 32}", Order)) == "NOT_FOUND"


async def test_a_paid_order_says_when(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)
    await alice.fund(300)
    order = await shop.order(300)

    payment = await alice.pay_order(order)

    found = await shop.see(order)
    assert (found.state, found.paid_at_ms, found.refunded_fen) == (OrderState.PAID, payment.time_ms, 0)


async def test_locks_are_handed_out_in_the_order_of_the_stock_and_then_over_the_main_key(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)
    await alice.fund(*[100] * 5)
    orders = [await shop.order(100, str(number)) for number in range(5)]
    coins = await alice.coins()

    proofs = [
        (await alice.prepare(Payee(order_id=order.order_id), anchor=coin.coin.coin_id)).proof
        for order, coin in zip(orders, coins, strict=True)
    ]

    assert [proof.lock_id for proof in proofs[:4]] == list(shop.salts)[:4]
    assert [proof.salt is None for proof in proofs] == [True] * 4 + [False]
    for proof in proofs:
        proof.verify(shop.world.genesis.domain(), wallet_id=shop.wallet_id)
