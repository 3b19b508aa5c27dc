"""Whatever was put aside and taken, the phrases alone give the same balances and the same open pockets again."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.institution_town import Town, open_town
from tongbao.errors import RequestError
from tongbao.wallets import Wallet
from tongbao.wallets.pockets import PocketWish

Story = list[tuple[str, int, bool]]

STEPS = st.tuples(st.sampled_from(["alice", "bob"]), st.integers(1, 700), st.booleans())
STORIES: st.SearchStrategy[Story] = st.lists(STEPS, min_size=1, max_size=3)
LATER_MS = 10_000


async def lived(town: Town, story: Story, *, waits: bool) -> dict[str, Wallet]:
    """Each step puts money aside for the other, as gift or savings; then each tries to take every second pocket."""
    people = {"alice": await town.open("alice", 1_000), "bob": await town.open("bob", 1_000, home=2)}
    for number, (who, amount_fen, savings) in enumerate(story):
        other = people["bob" if who == "alice" else "alice"]
        later_from_ms = (await people[who].account()).time_ms + LATER_MS
        wish = PocketWish(
            address=str(other.address), amount_fen=amount_fen, later_from_ms=later_from_ms, savings=savings
        )
        try:
            await people[who].pockets.put(wish, request_id=str(number))
        except RequestError as error:
            if error.code != "COINS_INSUFFICIENT":
                raise
    if waits:
        await town.world.pass_time(LATER_MS)
    for wallet in people.values():
        await take_some(wallet)
    return people


async def take_some(wallet: Wallet) -> None:
    """Try to take the money out of every second pocket."""
    for pocket in (await wallet.pockets.all())[::2]:
        try:
            await wallet.pockets.take(pocket.told.home, pocket.pocket_id)
        except RequestError as error:
            if error.code != "POCKET_NOT_YET_OPEN":
                raise


async def seen(wallet: Wallet) -> tuple[int, int, set[bytes]]:
    """Balance, money aside, and the pockets that the wallet has made and nobody has taken."""
    await wallet.catch_up()
    made = {each.pocket_id for each in await wallet.pockets.all() if each.told.maker_address == str(wallet.address)}
    return wallet.balance_fen, await wallet.pockets.aside_fen(), made


async def holds(folder: Path, story: Story, *, waits: bool) -> None:
    async with open_town(folder) as town:
        people = await lived(town, story, waits=waits)
        before = {name: await seen(wallet) for name, wallet in people.items()}

        await town.move_out()
        again = {name: await town.recovered(name, home=wallet.address.home) for name, wallet in people.items()}

        assert {name: await seen(wallet) for name, wallet in again.items()} == before
        assert sum(balance + aside for balance, aside, _ in before.values()) == 2_000


@pytest.mark.timeout(300)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(story=STORIES, waits=st.booleans())
def test_the_phrases_alone_give_balances_and_open_pockets_again(story: Story, *, waits: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(holds(Path(folder), story, waits=waits))
