"""Paying anew what was signed and never settled, at a real institution and with the centre to ask."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_people import refusal
from tests.institution_town import Town, open_town
from tongbao.errors import NetworkError
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.wallets import Wallet


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as town:
        yield town


async def signed_with_tip(town: Town) -> tuple[Wallet, str]:
    """Alice has signed for an order with a tip, and nobody ever heard of it."""
    alice, shop = await town.open("alice", 1_000), await town.shop()
    order = await shop.sales.create_order(300, "1", tip_fen_max=50, expires_in_s=86_400)
    network = town.world.network
    network.troubled = "/v1/payments"

    def lose_what_follows(url: str) -> None:
        if url.endswith("/prepare"):
            network.lose_requests = 1_000

    network.before = lose_what_follows
    with pytest.raises(NetworkError):
        await alice.pay_order(order, tip_fen=50)
    town.restore()
    return alice, order.link


async def test_an_order_is_paid_without_the_tip_once_the_first_try_has_expired_and_not_before(town: Town) -> None:
    alice, link = await signed_with_tip(town)
    order = await alice.order(link)

    too_early = await refusal(alice.pay_order(order))
    await town.world.pass_time(2 * PREPARATION_MS)
    paid = await alice.pay_order(order)

    assert (too_early, paid.amount_fen, alice.balance_fen) == ("REQUEST_REUSED", 300, 700)
    assert [each.state for each in await alice.payments()] == ["never", "settled"]
