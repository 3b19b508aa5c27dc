"""Shops' codes at the institution: who scans one is made an order, at any home, and not without end."""

import pytest

from tests.builders import INSTITUTIONS
from tests.institution_people import Holder, refusal
from tests.institution_world import home_url
from tongbao.institutions.codes.scanning import SCANS_OPEN_MAX
from tongbao.protocol.order import Merchant, Order, OrderState
from tongbao.protocol.scan import SCAN_LIFE_S, HomeScanRequest, ScanRequest


async def scan(payer: Holder, shop: Holder, amount_fen: int = 300, *, number: int = 1) -> Order:
    """The order of a payer who scans the shop's code."""
    path = f"/v1/homes/{shop.home}/merchants/{shop.wallet_id.hex()}/orders"
    request = ScanRequest(amount_fen=amount_fen, scan_id=f"{number:032x}")
    return await payer.client.post(path, request, Order, idempotency_key=payer.world.new_key())


async def test_a_payer_is_made_an_order_of_the_amount_that_he_names(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)

    order = await scan(alice, shop, 1_234)

    assert (order.amount_fen, order.merchant_name, order.state) == (1_234, "Tea", OrderState.OPEN)
    assert order.expires_at_ms == shop.world.now_ms + SCAN_LIFE_S * 1000


async def test_an_order_made_by_a_scan_is_paid_like_any_other_and_the_shop_sees_it(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)
    await alice.fund(300)
    order = await scan(alice, shop)

    await alice.pay_order(order)

    assert (await shop.see(order)).state is OrderState.PAID


async def test_a_payer_of_another_home_scans_as_well(shop: Holder) -> None:
    await shop.world.fill_vault(1_000, home=2)
    bob = await Holder.open(shop.world, 103, home=2)
    await bob.fund(300)

    payment = await bob.pay_order(await scan(bob, shop))

    assert payment.status == "SETTLED"
    assert (await shop.account()).balance_fen == 300


async def test_the_same_scan_again_is_the_same_order(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)

    orders = [await scan(alice, shop) for _ in range(2)] + [await scan(alice, shop, number=2)]

    assert orders[0].order_id == orders[1].order_id != orders[2].order_id


async def test_two_payers_with_the_same_scan_have_an_order_each(shop: Holder) -> None:
    alice, carol = await Holder.open(shop.world, 101), await Holder.open(shop.world, 102)

    orders = [await scan(alice, shop), await scan(carol, shop)]

    assert orders[0].order_id != orders[1].order_id


async def test_one_payer_does_not_have_a_shop_make_orders_without_end(shop: Holder) -> None:
    alice, carol = await Holder.open(shop.world, 101), await Holder.open(shop.world, 102)
    for number in range(SCANS_OPEN_MAX):
        await scan(alice, shop, number=number)

    refused = await refusal(scan(alice, shop, number=99))
    repeated = await refusal(scan(alice, shop, number=3))
    others = await refusal(scan(carol, shop))
    await shop.world.pass_time(SCAN_LIFE_S * 1000 + 1)
    later = await refusal(scan(alice, shop, number=99))

    assert (refused, repeated, others, later) == ("SCANS_TOO_MANY", "", "", "")


async def test_a_shop_that_is_not_here_is_not_found(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)

    refused = [await refusal(scan(alice, alice)), await refusal(scan(alice, Holder(shop.world, 999, home=2)))]

    assert refused == ["NOT_FOUND", "NOT_FOUND"]


async def test_a_home_speaks_for_its_own_customers_alone(shop: Holder) -> None:
    other = shop.world.client(home_url(1), "home:2", INSTITUTIONS[2])
    request = HomeScanRequest(amount_fen=1, scan_id="0" * 32, payer_home=1, payer_handle="x")
    path = f"/v1/merchants/{shop.wallet_id.hex()}/orders"

    refused = await refusal(other.post(path, request, Order, idempotency_key="k"))

    assert refused == "FORBIDDEN"


async def test_two_shops_cannot_tell_that_the_same_payer_of_another_home_scanned(shop: Holder) -> None:
    coffee = await Holder.open(shop.world, 111)
    await coffee.become_merchant("Coffee")
    bob = await Holder.open(shop.world, 103, home=2)
    heard: list[str] = []

    async def hear(merchant_wallet_id: bytes, request: HomeScanRequest) -> Order:
        heard.append(request.payer_handle)
        return await scanned(merchant_wallet_id, request)

    scanning = shop.world.homes[1].scanning
    scanned = scanning.scanned
    scanning.scanned = hear  # type: ignore[method-assign]

    for place, number in ((shop, 1), (shop, 2), (coffee, 3)):
        await scan(bob, place, number=number)

    assert heard[0] == heard[1] != heard[2]
    assert bob.wallet_id.hex() not in heard


async def test_anyone_who_knows_a_merchants_id_reads_name_and_category(shop: Holder) -> None:
    stranger = shop.world.client(home_url(1), "key:none", 101)

    found = await stranger.get(f"/v1/merchants/{shop.wallet_id.hex()}", Merchant)

    assert (found.name, found.category, found.wallet_id) == ("Tea", "5999", shop.wallet_id)


@pytest.mark.parametrize("scan_id", ["", "0" * 31, "G" * 32, "0" * 33])
async def test_a_scan_has_an_id_of_its_own(shop: Holder, scan_id: str) -> None:
    alice = await Holder.open(shop.world, 101)
    path = f"/v1/homes/1/merchants/{shop.wallet_id.hex()}/orders"
    body = {"amount_fen": 1, "scan_id": scan_id}

    assert await refusal(alice.client.post(path, body, Order, idempotency_key="k")) == "INVALID_FIELD"
