"""What merchants ask about their servers, and what is refused."""

import pytest

from tests.institution_people import Holder, refusal
from tests.unit.institutions.webhooks.conftest import TellingShop
from tongbao.institutions.webhooks.endpoints import ENDPOINTS_MAX
from tongbao.protocol.webhook import EndpointState, WebhookChange, WebhookEndpoint, WebhookEndpoints, WebhookReplay


async def test_the_same_url_and_kinds_are_the_same_endpoint_and_other_kinds_conflict(telling: TellingShop) -> None:
    first = await telling.register(kinds=["order.paid", "order.created"])
    second = await telling.register(kinds=["order.created", "order.paid"])
    other = await refusal(telling.register(kinds=["order.paid"]))

    assert first == second
    assert first.secret.startswith("whsec_")
    assert other == "CONFLICT"


async def test_a_merchant_lists_its_endpoints_without_those_that_were_removed(telling: TellingShop) -> None:
    kept = await telling.register("https://a.example/")
    removed = await telling.register("https://b.example/")
    await telling.change(removed, WebhookChange(state=EndpointState.REMOVED))

    listed = await telling.client.get("/v1/webhooks", WebhookEndpoints)
    gone = await refusal(telling.endpoint(removed))

    assert [each.endpoint_id for each in listed.endpoints] == [kept.endpoint_id]
    assert gone == "NOT_FOUND"


async def test_nobody_sees_or_changes_the_endpoint_of_another_merchant(telling: TellingShop) -> None:
    endpoint = await telling.register()
    other = await Holder.open(telling.world, 111)
    before = await refusal(other.client.get("/v1/webhooks", WebhookEndpoints))
    await other.become_merchant("Rice")
    stranger = TellingShop(other, telling.receiver)

    codes = [
        await refusal(stranger.endpoint(endpoint)),
        await refusal(stranger.change(endpoint, WebhookChange(state=EndpointState.DISABLED))),
        await refusal(stranger.rotate(endpoint)),
        await refusal(stranger.deliveries(endpoint)),
        await refusal(stranger.replay(endpoint, WebhookReplay(from_event="1"))),
    ]

    assert before == "FORBIDDEN"
    assert codes == ["NOT_FOUND"] * 5


async def test_two_merchants_with_one_url_have_endpoints_and_secrets_of_their_own(telling: TellingShop) -> None:
    other = await Holder.open(telling.world, 111)
    await other.become_merchant("Rice")

    mine, theirs = await telling.register(), await TellingShop(other, telling.receiver).register()

    assert mine.endpoint_id != theirs.endpoint_id
    assert mine.secret != theirs.secret


async def test_a_merchant_has_so_many_endpoints_and_no_more(telling: TellingShop) -> None:
    for number in range(ENDPOINTS_MAX):
        await telling.register(f"https://{number}.example/")

    code = await refusal(telling.register("https://one-more.example/"))

    assert code == "TOO_MANY"


async def test_only_merchants_servers_are_told(telling: TellingShop) -> None:
    person = await Holder.open(telling.world, 101)

    code = await refusal(TellingShop(person, telling.receiver).register())

    assert code == "FORBIDDEN"


@pytest.mark.parametrize("url", ["http://shop.example/", "https://10.0.0.1/", "https://user@shop.example/", "shop"])
async def test_a_url_to_which_nothing_may_be_sent_is_refused_with_the_reason(telling: TellingShop, url: str) -> None:
    code = await refusal(telling.register(url))

    assert code == "WEBHOOK_URL"


async def test_kinds_can_be_changed_and_a_disabled_endpoint_hears_later_what_it_missed(telling: TellingShop) -> None:
    endpoint = await telling.register(kinds=["order.paid"])
    await telling.change(endpoint, WebhookChange(kinds=[], state=EndpointState.DISABLED))
    await telling.holder.order(100, "1")
    await telling.later(2)
    before = telling.told()

    active = await telling.change(endpoint, WebhookChange(state=EndpointState.ACTIVE))
    await telling.until_told(1)

    assert before == []
    assert (active.kinds, telling.told()) == ([], [("order.created", "1")])


async def test_deliveries_come_in_pages(telling: TellingShop) -> None:
    endpoint = await telling.register()
    for number in ("1", "2", "3"):
        await telling.holder.order(100, number)
    await telling.until_told(3)
    path = f"/v1/webhooks/{endpoint.endpoint_id}/deliveries"

    found = await telling.deliveries(endpoint)
    code = await refusal(telling.client.get(path, WebhookEndpoint, query={"after": "x"}))

    assert [int(each.delivery_id) for each in found] == sorted([int(each.delivery_id) for each in found], reverse=True)
    assert len(found) == 3
    assert code == "INVALID_FIELD"
