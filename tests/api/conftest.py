"""A running system for each module that asks it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.api.things import Things, running_things


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def things(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Things]:
    async with running_things(tmp_path_factory.mktemp("api")) as made:
        yield made
