"""Wallets in a small world: `people` makes them, and brings them back after a crash."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_world import InstitutionWorld
from tests.wallet_people import People, living_people
from tests.wallet_world import CENTRE_URL
from tests.wallets_at_home import Residents


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with living_people(tmp_path) as people:
        yield people


@pytest.fixture
def centre(people: People) -> str:
    """Let wallets made from now on ask the registration centre, too."""
    people.centre_url = CENTRE_URL
    return CENTRE_URL


@pytest.fixture
async def residents(tmp_path: Path) -> AsyncIterator[Residents]:
    """Nobody yet, at a real institution with money in its vault."""
    world = await InstitutionWorld.open(tmp_path)
    await world.fill_vault(1_000_000)
    residents = await Residents.settle(world)
    yield residents
    await residents.store.close()
    await world.close()
