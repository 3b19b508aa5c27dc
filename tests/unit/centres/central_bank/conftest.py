"""One office per test, beside a registration centre, both stopped at the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.central_bank_world import OfficeWorld
from tongbao.centres.central_bank.office import CentralBankOffice


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OfficeWorld]:
    """A network whose registration centre runs."""
    world = await OfficeWorld.make(tmp_path)
    yield world
    await world.close()


@pytest.fixture
async def office(world: OfficeWorld) -> CentralBankOffice:
    """A running office of `world`."""
    return await world.open()
