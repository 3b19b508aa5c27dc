"""Two institutions per test, with money in the first one's vault, and everything ended after it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_people import Holder
from tests.institution_world import InstitutionWorld
from tests.wallets_at_home import Residents, living_residents

SHOP = 110


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[InstitutionWorld]:
    """Two institutions whose vaults are empty."""
    world = await InstitutionWorld.open(tmp_path)
    yield world
    await world.close()


@pytest.fixture
async def rich(world: InstitutionWorld) -> InstitutionWorld:
    """The same, with 100,000 yuan in the first one's vault."""
    await world.fill_vault(10_000_000)
    return world


@pytest.fixture
async def shop(rich: InstitutionWorld) -> Holder:
    """A merchant of the first institution, with a stock of locks."""
    shop = await Holder.open(rich, SHOP, stock=4)
    await shop.become_merchant()
    return shop


@pytest.fixture
async def residents(tmp_path: Path) -> AsyncIterator[Residents]:
    """Wallets at both institutions, with 10,000 yuan in the first one's vault."""
    async with living_residents(tmp_path) as residents:
        yield residents
