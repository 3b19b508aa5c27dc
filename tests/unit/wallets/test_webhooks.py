"""A merchant's wallet names servers at a real institution, sees what reached them, and has it sent again."""

import pytest

from tests.wallets_at_home import Residents
from tongbao.errors import RequestError
from tongbao.protocol.event import EventKind
from tongbao.protocol.webhook import DeliveryState, EndpointState, verify_webhook
from tongbao.wallets.webhooks import Webhooks

URL = "https://shop.example/told"


async def test_a_server_is_named_told_changed_and_removed(residents: Residents) -> None:
    world, shop = residents.world, await residents.shop()
    receiver = world.outside
    endpoint = await shop.webhooks.create(URL, kinds=[EventKind.ORDER_CREATED])
    await shop.sales.create_order(300, "17")
    await world.until(lambda: len(receiver.arrived) == 1)
    [delivery] = (await shop.webhooks.deliveries(endpoint.endpoint_id)).deliveries

    rotated = await shop.webhooks.rotate(endpoint)
    count = await shop.webhooks.replay(endpoint.endpoint_id, delivery_ids=[delivery.delivery_id])
    await world.until(lambda: len(receiver.arrived) == 2)
    changed = await shop.webhooks.change(endpoint.endpoint_id, kinds=[])
    listed = await shop.webhooks.list()
    await shop.webhooks.change(endpoint.endpoint_id, state=EndpointState.REMOVED)

    first, second = receiver.arrived
    verify_webhook(endpoint.secret, first.headers, first.body, now_s=first.at_s)
    verify_webhook(rotated.secret, second.headers, second.body, now_s=second.at_s)
    assert (count, changed.kinds) == (1, [])
    assert [each.endpoint_id for each in listed.endpoints] == [endpoint.endpoint_id]
    assert (await shop.webhooks.list()).endpoints == []


async def test_deliveries_can_be_listed_by_what_became_of_them(residents: Residents) -> None:
    world, shop = residents.world, await residents.shop()
    world.outside.judge = lambda message: 500 if message.what[1] == "2" else None
    endpoint = await shop.webhooks.create(URL)
    for number in ("1", "2"):
        await shop.sales.create_order(300, number)
    await world.until(lambda: len(world.outside.arrived) == 2)
    await world.clock.advance(0)

    waiting = await shop.webhooks.deliveries(endpoint.endpoint_id, state=DeliveryState.WAITING)
    delivered = await shop.webhooks.deliveries(endpoint.endpoint_id, state=DeliveryState.DELIVERED)

    assert [each.log[0].status for each in waiting.deliveries] == [500]
    assert [each.log[0].status for each in delivered.deliveries] == [204]


async def test_an_empty_url_is_not_asked_for(residents: Residents) -> None:
    shop = await residents.shop()

    with pytest.raises(RequestError) as refused:
        await Webhooks(shop._home).create("")

    assert refused.value.field == "url"
