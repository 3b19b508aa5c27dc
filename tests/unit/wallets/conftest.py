"""Wallets in a small world: `people` makes them, and brings them back after a crash."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.wallet_people import People, living_people
from tests.wallet_world import CENTRE_URL
from tests.wallets_at_home import Residents, living_residents


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
    """Wallets at real institutions, with 10,000 yuan in the first one's vault."""
    async with living_residents(tmp_path) as residents:
        yield residents
