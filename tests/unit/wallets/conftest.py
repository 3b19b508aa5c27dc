"""Wallets in a small world: `people` makes them, and brings them back after a crash."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.wallet_people import People
from tests.wallet_world import CENTRE_URL, World
from tongbao.adapters.store import SqlStore
from tongbao.wallets import prepare_store


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    store = SqlStore.open(f"sqlite:///{tmp_path}/wallets.sqlite", durable=False)
    await prepare_store(store)
    living = People(World(), store, tmp_path)
    yield living
    for each in (store, *living.stores):
        await each.close()


@pytest.fixture
def centre(people: People) -> str:
    """Let wallets made from now on ask the registration centre, too."""
    people.centre_url = CENTRE_URL
    return CENTRE_URL
