"""The network that the stories share: started once, stopped at the end."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.scenarios.running import Town, started_network, town_of
from tongbao.service.data_directory import DataDirectory


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataDirectory]:
    with started_network(tmp_path_factory.mktemp("network") / "data") as data:
        yield data


@pytest.fixture
async def town(network: DataDirectory, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    async with town_of(network, request.node.name, tmp_path) as opened:
        yield opened
