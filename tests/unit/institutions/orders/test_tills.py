from dataclasses import dataclass

from tests.builders import signer
from tests.institution_people import Holder, refusal
from tests.institution_world import home_url
from tongbao.protocol.client import SignedClient
from tongbao.protocol.order import Order, OrderAmendment, OrderCancellation, OrderPage, OrderRequest, OrderState
from tongbao.protocol.payment import Payee, Preparation, PrepareRequest
from tongbao.protocol.till import Till, TillClosing, TillPage, TillRequest, till_id_of

LEFT, RIGHT = 131, 132  # numbers of tills' keys


@dataclass
class TillDesk:
    """What stands in a shop: a key, and the way home."""

    shop: Holder
    number: int

    @property
    def till_id(self) -> bytes:
        return till_id_of(self.shop.wallet_id, signer(self.number).public_key, self.shop.world.genesis.domain())

    @property
    def client(self) -> SignedClient:
        return self.shop.world.client(home_url(self.shop.home), f"till:{self.till_id.hex()}", self.number)

    async def open(self, name: str) -> Till:
        request = TillRequest(name=name, public_key=signer(self.number).public_key)
        key = self.shop.world.new_key()
        return await self.shop.client.post("/v1/tills", request, Till, idempotency_key=key)

    async def close(self) -> Till:
        path, key = f"/v1/tills/{self.till_id.hex()}/close", self.shop.world.new_key()
        return await self.shop.client.post(path, TillClosing(), Till, idempotency_key=key)

    async def order(self, amount_fen: int, number: str = "1") -> Order:
        request = OrderRequest(amount_fen=amount_fen, order_number=number)
        return await self.client.post("/v1/orders", request, Order, idempotency_key=self.shop.world.new_key())

    async def cancel(self, order: Order) -> Order:
        path, key = f"/v1/orders/{order.order_id}/cancel", self.shop.world.new_key()
        return await self.client.post(path, OrderCancellation(), Order, idempotency_key=key)

    async def amend(self, order: Order) -> Order:
        path, key = f"/v1/orders/{order.order_id}/amend", self.shop.world.new_key()
        return await self.client.post(path, OrderAmendment(amount_fen=1), Order, idempotency_key=key)

    async def orders(self) -> list[str]:
        page = await self.client.get("/v1/orders", OrderPage)
        return [order.order_id for order in page.orders]


async def two_tills(shop: Holder) -> tuple[TillDesk, TillDesk]:
    left, right = TillDesk(shop, LEFT), TillDesk(shop, RIGHT)
    await left.open("left")
    await right.open("right")
    return left, right


async def test_what_is_paid_at_a_till_is_the_shops(shop: Holder, payer: Holder) -> None:
    left, _ = await two_tills(shop)
    order = await left.order(300)

    await payer.pay_order(order)

    found = await shop.see(order)
    assert (found.state, found.till_id, found.merchant_wallet_id) == (OrderState.PAID, left.till_id, shop.wallet_id)
    assert (await shop.account()).balance_fen == 300


async def test_a_till_sees_its_own_orders_and_the_shop_sees_all(shop: Holder) -> None:
    left, right = await two_tills(shop)
    made = [await left.order(100), await right.order(200), await shop.order(300)]

    whole = await shop.client.get("/v1/orders", OrderPage)

    assert await left.orders() == [made[0].order_id]
    assert await right.orders() == [made[1].order_id]
    assert [order.order_id for order in whole.orders] == [order.order_id for order in reversed(made)]


async def test_each_till_numbers_its_orders_by_itself(shop: Holder) -> None:
    left, right = await two_tills(shop)

    orders = [await left.order(100, "7"), await right.order(100, "7"), await shop.order(100, "7")]

    assert len({order.order_id for order in orders}) == 3
    assert (await left.order(100, "7")).order_id == orders[0].order_id


async def test_a_till_changes_its_own_orders_alone(shop: Holder) -> None:
    left, right = await two_tills(shop)
    order = await left.order(100)

    refused = [await refusal(right.cancel(order)), await refusal(right.amend(order))]
    amended = await left.amend(order)
    cancelled = await left.cancel(order)

    assert (refused, amended.amount_fen, cancelled.state) == (["NOT_FOUND"] * 2, 1, OrderState.CANCELLED)


async def test_the_shop_changes_the_orders_of_its_tills(shop: Holder) -> None:
    left, _ = await two_tills(shop)
    order = await left.order(100)

    assert (await shop.cancel(order)).state is OrderState.CANCELLED


async def test_a_till_moves_no_money(shop: Holder) -> None:
    left, _ = await two_tills(shop)
    [coin] = await shop.fund(500)
    request = PrepareRequest(payee=Payee(deposit=True), amount_fen=1, anchor=coin.coin.coin_id)

    refused = await refusal(
        left.client.post("/v1/payments/prepare", request, Preparation, idempotency_key=shop.world.new_key())
    )

    assert refused == "FORBIDDEN"


async def test_a_closed_till_makes_no_orders_and_its_open_ones_are_paid(shop: Holder, payer: Holder) -> None:
    left, _ = await two_tills(shop)
    order = await left.order(300)

    closed = await left.close()

    assert closed.closed_at_ms == shop.world.now_ms
    assert await refusal(left.order(100, "2")) == "TILL_CLOSED"
    assert await refusal(left.orders()) == "TILL_CLOSED"
    assert await refusal(left.open("left")) == "TILL_CLOSED"
    assert (await payer.pay_order(order)).status == "SETTLED"


async def test_a_till_is_opened_once_and_shown_to_its_own(shop: Holder) -> None:
    left, right = await two_tills(shop)
    path = f"/v1/tills/{left.till_id.hex()}"

    again = await left.open("left")
    first = await shop.client.get("/v1/tills", TillPage, query={"limit": 1})
    second = await shop.client.get("/v1/tills", TillPage, query={"limit": 2, "after": first.next})

    assert [till.name for till in first.tills + second.tills] == ["left", "right"]
    assert await left.client.get(path, Till) == await shop.client.get(path, Till) == again
    assert await refusal(right.client.get(path, Till)) == "FORBIDDEN"


async def test_key_and_name_belong_to_one_till(shop: Holder) -> None:
    left, _ = await two_tills(shop)

    assert await refusal(left.open("middle")) == "CONFLICT"
    assert await refusal(TillDesk(shop, 133).open("left")) == "CONFLICT"


async def test_another_shop_has_no_say_about_a_till(shop: Holder) -> None:
    left, _ = await two_tills(shop)
    other = await Holder.open(shop.world, 111)
    await other.become_merchant("Coffee")
    path = f"/v1/tills/{left.till_id.hex()}"

    refused = [
        await refusal(other.client.get(path, Till)),
        await refusal(other.client.post(f"{path}/close", TillClosing(), Till, idempotency_key="close")),
    ]

    assert refused == ["NOT_FOUND", "NOT_FOUND"]
    assert await left.orders() == []


async def test_who_is_no_merchant_has_no_tills(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)

    assert await refusal(TillDesk(alice, LEFT).open("left")) == "FORBIDDEN"
    assert await refusal(alice.client.get("/v1/tills", TillPage)) == "FORBIDDEN"


async def test_a_till_that_nobody_opened_is_nobody(shop: Holder) -> None:
    assert await refusal(TillDesk(shop, LEFT).orders()) == "UNAUTHENTICATED"


async def test_a_merchant_may_ask_for_the_orders_of_one_till(shop: Holder) -> None:
    left, right = TillDesk(shop, LEFT), TillDesk(shop, RIGHT)
    await left.open("left")
    await right.open("right")
    orders = [await left.order(100), await right.order(100), await shop.order(100)]

    page = await shop.client.get("/v1/orders", OrderPage, query={"till_id": left.till_id.hex()})
    others = await right.client.get("/v1/orders", OrderPage, query={"till_id": left.till_id.hex()})

    assert [order.order_id for order in page.orders] == [orders[0].order_id]
    assert others.orders == []


async def test_a_till_that_is_closed_while_its_request_is_on_its_way_changes_nothing(shop: Holder) -> None:
    left, _ = await two_tills(shop)
    made = await left.order(300)
    orders = shop.world.homes[1].orders
    maker = await shop.world.homes[1].shops.tills.maker(left.till_id)
    await left.close()

    late = [
        await refusal(orders.create(maker, OrderRequest(amount_fen=1, order_number="late"))),
        await refusal(orders.cancel(maker, made.order_id)),
        await refusal(orders.amend(maker, made.order_id, OrderAmendment(amount_fen=1))),
    ]

    assert late == ["TILL_CLOSED"] * 3
    assert (await shop.see(made)).state is OrderState.OPEN
