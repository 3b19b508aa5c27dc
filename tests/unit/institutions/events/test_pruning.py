"""Old events and deliveries go, what somebody waits for stays, and who comes too late is told so."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.institution_people import Holder, refusal
from tests.unit.institutions.webhooks.conftest import TellingShop
from tongbao.institutions.events.tables import events
from tongbao.institutions.retention import Retention
from tongbao.institutions.webhooks import queue as queue_module
from tongbao.institutions.webhooks.tables import webhook_attempts, webhook_deliveries
from tongbao.protocol.event import EventPage
from tongbao.protocol.webhook import EndpointState, WebhookChange, WebhookReplay

DAY_MS = 86_400_000
SHORT = Retention(events_days=10, deliveries_days=5)


@pytest.fixture
async def telling(shop: Holder) -> TellingShop:
    """A shop whose server is named by no endpoint yet."""
    return TellingShop(shop, shop.world.outside)


async def prune(shop: Holder, retention: Retention = SHORT) -> None:
    premises = shop.world.homes[1]._parts.premises
    pruning = shop.world.homes[1]._parts.pruning
    pruning._premises = replace(premises, settings=replace(premises.settings, retention=retention))
    await pruning.look()


async def events_after(shop: Holder, after: str = "") -> EventPage:
    path = f"/v1/wallets/{shop.wallet_id.hex()}/events"
    return await shop.client.get(path, EventPage, query={"after": after, "limit": 100})


async def count(shop: Holder, table: sa.Table) -> int:
    statement = sa.select(sa.func.count()).select_from(table)
    return int(await shop.world.stores[1].read(lambda connection: connection.execute(statement).scalar_one()))


async def test_events_go_once_they_are_old_and_newer_ones_stay(shop: Holder) -> None:
    await shop.order(100, "old")
    await shop.world.pass_time(11 * DAY_MS)
    await shop.order(100, "new")

    await prune(shop)

    assert [each.data["order_number"] for each in (await events_after(shop)).events] == ["new"]


async def test_a_reader_who_was_away_too_long_is_told_so_and_begins_anew(shop: Holder) -> None:
    await shop.order(100, "read")
    place = (await events_after(shop)).next
    await shop.order(100, "missed")
    await shop.world.pass_time(11 * DAY_MS)
    await shop.order(100, "new")
    await prune(shop)

    late = await refusal(events_after(shop, place))
    anew = await events_after(shop)

    assert (late, [each.data["order_number"] for each in anew.events]) == ("EVENTS_GONE", ["new"])


async def test_a_reader_who_has_missed_nothing_goes_on_however_long_he_was_away(shop: Holder) -> None:
    await shop.order(100, "read")
    await shop.order(100, "read, too")
    place = (await events_after(shop)).next
    await shop.world.pass_time(11 * DAY_MS)
    await prune(shop)
    await shop.order(100, "new")

    found = await events_after(shop, place)

    assert [each.data["order_number"] for each in found.events] == ["new"]


async def test_no_number_is_given_twice_however_much_is_gone(telling: TellingShop) -> None:
    endpoint = await telling.register()
    await telling.holder.order(100, "old")
    await telling.until_told(1)
    [old], [before] = await telling.deliveries(endpoint), (await events_after(telling.holder)).events
    await telling.world.pass_time(40 * DAY_MS)
    await prune(telling.holder)

    await telling.holder.order(100, "new")
    await telling.until_told(2)

    assert (await events_after(telling.holder)).events[-1].event_id > before.event_id
    assert (await telling.deliveries(endpoint))[0].delivery_id > old.delivery_id


async def test_where_nothing_is_to_go_everything_stays(shop: Holder) -> None:
    await shop.order(100, "old")
    await shop.world.pass_time(1_000 * DAY_MS)

    await prune(shop, Retention(events_days=0, deliveries_days=0))

    assert len((await events_after(shop)).events) == 1


async def test_what_a_server_has_yet_to_hear_stays_with_its_event_and_is_told(telling: TellingShop) -> None:
    await telling.register()
    telling.receiver.status = 500
    await telling.holder.order(100, "1")
    await telling.world.until(lambda: len(telling.receiver.arrived) == 1)
    await telling.world.pass_time(40 * DAY_MS)

    await prune(telling.holder)
    telling.receiver.status = 200
    await telling.later(10)
    await telling.until_told(2)

    assert [each for each in telling.told() if each == ("order.created", "1")] == [("order.created", "1")] * 2


async def test_what_a_server_that_is_disabled_has_not_heard_of_stays_until_it_is_removed(telling: TellingShop) -> None:
    endpoint = await telling.register()
    await telling.change(endpoint, WebhookChange(state=EndpointState.DISABLED))
    for number in ("1", "2", "3"):
        await telling.holder.order(100, number)
    await telling.world.pass_time(40 * DAY_MS)
    await prune(telling.holder)
    kept = len((await events_after(telling.holder)).events)

    await telling.change(endpoint, WebhookChange(state=EndpointState.REMOVED))
    await prune(telling.holder)

    assert (kept, len((await events_after(telling.holder)).events)) == (3, 1)


async def test_deliveries_that_have_ended_go_with_their_attempts_and_then_their_events(telling: TellingShop) -> None:
    await telling.register()
    for number in ("1", "2", "3"):
        await telling.holder.order(100, number)
    await telling.until_told(3)
    await telling.world.pass_time(6 * DAY_MS)
    await prune(telling.holder)
    tables = (webhook_deliveries, webhook_attempts, events)
    after_six_days = [await count(telling.holder, table) for table in tables]

    await telling.world.pass_time(5 * DAY_MS)
    await prune(telling.holder)

    # The newest of each stays, so that its number is not given again.
    assert (after_six_days, await count(telling.holder, events)) == ([1, 1, 3], 1)


async def test_from_an_event_on_only_so_many_are_sent_again_at_a_time(
    telling: TellingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = await telling.register()
    for number in ("1", "2", "3"):
        await telling.holder.order(100, number)
    await telling.until_told(3)
    numbers = sorted(int(each.event_id) for each in await telling.deliveries(endpoint))
    monkeypatch.setattr(queue_module, "REPLAYED_FROM_MAX", 2)

    first = await telling.replayed(endpoint, WebhookReplay(from_event=str(numbers[0])))
    rest = await telling.replayed(endpoint, WebhookReplay(from_event=first.next_event))

    assert (first.count, first.next_event, rest.count, rest.next_event) == (2, str(numbers[2]), 1, "")
