import pytest
from pydantic import ValidationError

from tests.institution_people import Holder, refusal
from tests.institution_world import home_url
from tests.unit.institutions.orders.test_tills import LEFT, TillDesk
from tongbao.protocol.checkout import Checkout, CheckoutRequest
from tongbao.protocol.order import OrderRequest, OrderState

DONE, NOT_DONE = "https://shop.example/done?cart=7", "https://shop.example/cart"


def asked(amount_fen: int = 300, success_url: str = DONE, *, expires_in_s: int = 900) -> CheckoutRequest:
    order = OrderRequest(amount_fen=amount_fen, order_number="7", expires_in_s=expires_in_s)
    return CheckoutRequest(order=order, success_url=success_url, cancel_url=NOT_DONE)


async def checkout(shop: Holder, request: CheckoutRequest) -> Checkout:
    return await shop.client.post("/v1/checkouts", request, Checkout, idempotency_key=shop.world.new_key())


async def see(shop: Holder, order_id: str) -> Checkout:
    nobody = shop.world.client(home_url(shop.home), f"key:{'00' * 32}", 1)
    return await nobody.get(f"/v1/checkouts/{order_id}", Checkout, headers=await shop.headers())


async def test_a_payer_goes_back_to_the_shop_once_it_is_paid(shop: Holder, payer: Holder) -> None:
    made = await checkout(shop, asked())
    before = await see(shop, made.order.order_id)

    await payer.pay_order(made.order)

    after = await see(shop, made.order.order_id)
    assert (made.return_url, before.return_url, after.return_url) == (None, None, DONE)
    assert (before.order.state, after.order.state) == (OrderState.OPEN, OrderState.PAID)
    assert made.order.link.startswith("tongbao:")


async def test_a_payer_goes_back_from_what_is_cancelled(shop: Holder) -> None:
    made = await checkout(shop, asked())

    await shop.cancel(made.order)

    assert (await see(shop, made.order.order_id)).return_url == NOT_DONE


async def test_a_payer_goes_back_from_what_has_expired(shop: Holder) -> None:
    made = await checkout(shop, asked(expires_in_s=10))

    await shop.world.pass_time(10_001)

    assert (await see(shop, made.order.order_id)).return_url == NOT_DONE


async def test_the_same_checkout_again_is_the_same(shop: Holder) -> None:
    first = await checkout(shop, asked())

    assert (await checkout(shop, asked())).order.order_id == first.order.order_id
    assert await refusal(checkout(shop, asked(301))) == "CONFLICT"
    assert await refusal(checkout(shop, asked(success_url=NOT_DONE))) == "CONFLICT"


async def test_a_till_checks_out(shop: Holder) -> None:
    till = TillDesk(shop, LEFT)
    await till.open("left")

    made = await till.client.post("/v1/checkouts", asked(), Checkout, idempotency_key="once")

    assert made.order.till_id == till.till_id


async def test_an_order_that_was_no_checkout_is_none(shop: Holder) -> None:
    order = await shop.order(300)

    assert await refusal(see(shop, order.order_id)) == "NOT_FOUND"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://",
        "https://user:secret@shop.example/",
        "https://shop.example/ a",
        "//shop.example/",
        "https://shop.example/\r\nSet-Cookie: a",
    ],
)
def test_what_no_payer_may_be_sent_to_is_no_address(url: str) -> None:
    with pytest.raises(ValidationError):
        asked(success_url=url)
