"""A wallet reads at a real institution what happened to it, and waits for what happens."""

import asyncio

from tests.wallets_at_home import Residents


async def test_a_merchant_reads_its_events_page_by_page(residents: Residents) -> None:
    shop = await residents.shop()
    for number in ("1", "2", "3"):
        await shop.sales.create_order(300, number)

    first = await shop.events.page(limit=2)
    second = await shop.events.page(after=first.next)

    told = [each.data["order_number"] for each in (*first.events, *second.events)]
    assert told == ["1", "2", "3"]


async def test_a_wallet_that_waits_hears_of_it_at_once(residents: Residents) -> None:
    shop = await residents.shop()
    waiting = asyncio.create_task(shop.events.page(wait_s=5))
    await asyncio.sleep(0.05)

    await shop.sales.create_order(300, "1")

    page = await asyncio.wait_for(waiting, timeout=3)
    assert [each.kind for each in page.events] == ["order.created"]
