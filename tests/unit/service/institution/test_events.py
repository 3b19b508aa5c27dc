"""Pages and streams of events over HTTP: what comes, to whom, and how a reader takes up where he stopped."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.event_streams import reading
from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.protocol.event import EventPage
from tongbao.service.server import RunningServer, bind, serve

SHOP, PAYER = 110, 101


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[InstitutionWorld]:
    world = await InstitutionWorld.open(tmp_path)
    await world.fill_vault(10_000_000)
    yield world
    await world.close()


@pytest.fixture
async def shop(world: InstitutionWorld) -> Holder:
    shop = await Holder.open(world, SHOP, stock=4)
    await shop.become_merchant()
    return shop


@pytest.fixture
async def server(world: InstitutionWorld) -> AsyncIterator[RunningServer]:
    async with await serve(world.network.apps["home1"], bind("127.0.0.1", 0)) as running:
        yield running
        world.homes[1].release()


async def _page(holder: Holder, query: str = "") -> EventPage:
    return await holder.client.get(f"{holder.path}/events{query}", EventPage, headers=await holder.headers())


async def test_events_come_in_pages_which_go_on_also_from_the_last(shop: Holder) -> None:
    for number in ("1", "2", "3"):
        await shop.order(100, number)

    first = await _page(shop, "?limit=2")
    second = await _page(shop, f"?limit=2&after={first.next}")
    nothing = await _page(shop, f"?after={second.next}&wait_s=0.05")

    told = [each.data["order_number"] for each in (*first.events, *second.events)]
    assert told == ["1", "2", "3"]
    assert (nothing.events, nothing.next) == ([], second.next)


async def test_nobody_reads_the_events_of_another_wallet(shop: Holder, world: InstitutionWorld) -> None:
    stranger = await Holder.open(world, PAYER)

    code = await refusal(stranger.client.get(f"{shop.path}/events", EventPage))

    assert code == "FORBIDDEN"


async def test_a_stream_tells_what_happened_and_what_happens(shop: Holder, server: RunningServer) -> None:
    await shop.order(100, "1")

    async with reading(f"{server.url}{shop.path}/events", holder=shop) as stream:
        first = await stream.next()
        await shop.order(200, "2")
        second = await stream.next()

    assert first is not None
    assert second is not None
    assert [each.kind for each in (first, second)] == ["order.created", "order.created"]
    assert [each.data["data"]["order_number"] for each in (first, second)] == ["1", "2"]
    assert first.place == first.data["event_id"]


async def test_a_reader_who_lost_the_stream_misses_nothing_and_hears_nothing_twice(
    shop: Holder, server: RunningServer
) -> None:
    url = f"{server.url}{shop.path}/events?wait_s=0"
    await shop.order(100, "1")
    async with reading(url, holder=shop) as stream:
        before = await stream.rest()
    await shop.order(200, "2")
    await shop.order(300, "3")

    async with reading(url, holder=shop, last_event_id=before[-1].place) as stream:
        after = await stream.rest()

    assert [each.data["data"]["order_number"] for each in (*before, *after)] == ["1", "2", "3"]


async def test_an_id_that_is_no_event_s_is_refused(shop: Holder, server: RunningServer) -> None:
    url = f"{server.url}{shop.path}/events?wait_s=0"

    async with reading(url, holder=shop, last_event_id="x", status=422) as stream:
        rest = await stream.rest()

    assert rest == []


async def test_whoever_knows_an_order_sees_it_being_paid(
    shop: Holder, world: InstitutionWorld, server: RunningServer
) -> None:
    payer = await Holder.open(world, PAYER)
    await payer.fund(500)
    order = await shop.order(300, "17")

    async with reading(f"{server.url}/v1/orders/{order.order_id}/events") as stream:
        first = await stream.next()
        await payer.pay_order(order)
        second = await stream.next()

    assert first is not None
    assert second is not None
    assert [each.data["state"] for each in (first, second)] == ["open", "paid"]
    assert first.place != second.place


async def test_an_order_that_has_not_changed_is_not_sent_again(shop: Holder, server: RunningServer) -> None:
    order = await shop.order(300, "17")
    url = f"{server.url}/v1/orders/{order.order_id}/events?wait_s=0"
    async with reading(url) as stream:
        [first] = await stream.rest()
    await shop.order(400, "18")

    async with reading(url, last_event_id=first.place) as stream:
        rest = await stream.rest()

    assert rest == []


async def test_streams_end_when_the_institution_is_about_to_stop(
    shop: Holder, world: InstitutionWorld, server: RunningServer
) -> None:
    async with reading(f"{server.url}{shop.path}/events", holder=shop) as stream:
        world.homes[1].release()
        rest = await stream.rest()

    assert rest == []
