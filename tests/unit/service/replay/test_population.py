"""Somebody in a replay knows of all their money before they pay, or the replay says that money is missing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.wallet_people import People, living_people
from tongbao.errors import InvariantError
from tongbao.service.replay import population
from tongbao.service.replay.population import Person


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with living_people(tmp_path) as people:
        yield people


async def test_money_that_came_is_heard_of(people: People) -> None:
    wallet = await people.open("alice", 100)
    people.world.homes[1].credit(wallet.wallet_id, 50)

    await Person("alice", 1, wallet, 150, asyncio.Lock()).catch_up()

    assert wallet.balance_fen == 150


async def test_money_that_never_comes_ends_the_replay_with_the_sums(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "ASKED_MAX", 3)
    wallet = await people.open("alice", 100)

    with pytest.raises(InvariantError, match="alice holds 100 fen and should hold 150"):
        await Person("alice", 1, wallet, 150, asyncio.Lock()).catch_up()
