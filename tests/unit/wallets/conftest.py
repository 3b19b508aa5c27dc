"""Wallets in a small world: `people` makes them, and brings them back after a crash."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.wallet_people import People, living_people
from tests.wallet_world import CENTRE_URL


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    async with living_people(tmp_path) as people:
        yield people


@pytest.fixture
def centre(people: People) -> str:
    """Let wallets made from now on ask the registration centre, too."""
    people.centre_url = CENTRE_URL
    return CENTRE_URL
