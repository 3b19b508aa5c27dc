"""The codes that a merchant shows name the shop as its home knows it."""

import pytest

from tests.wallets_at_home import Residents
from tongbao.errors import RequestError
from tongbao.protocol.emvco import Payload


async def test_a_code_names_the_shop_as_its_home_knows_it(residents: Residents) -> None:
    shop = await residents.shop("Tea")

    payload = Payload.parse(await shop.shop_codes.static(city="Hangzhou", amount_fen=1_200))

    assert [payload.value(tag) for tag in ("59", "52", "60", "54")] == ["Tea", "5812", "Hangzhou", "12.00"]


async def test_a_code_of_an_order_carries_its_number(residents: Residents) -> None:
    shop = await residents.shop()
    order = await shop.sales.create_order(500, "tea-1")

    payload = Payload.parse(await shop.shop_codes.dynamic(order))

    assert [each.value for each in payload.template("62")] == ["tea-1"]


async def test_who_is_no_merchant_has_no_code(residents: Residents) -> None:
    alice = await residents.open("alice")

    with pytest.raises(RequestError) as caught:
        await alice.shop_codes.static()

    assert caught.value.code == "NOT_FOUND"


async def test_an_amount_on_the_wall_is_a_positive_one(residents: Residents) -> None:
    shop = await residents.shop()

    with pytest.raises(RequestError) as caught:
        shop.shop_codes.link(amount_fen=0)

    assert caught.value.code == "INVALID_FIELD"
