"""One centre per test, stopped at the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.registration_world import CentreWorld
from tongbao.centres.registration.centre import RegistrationCentre


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[CentreWorld]:
    """A network without a running centre."""
    world = CentreWorld(tmp_path)
    yield world
    await world.close()


@pytest.fixture
async def centre(world: CentreWorld) -> AsyncIterator[RegistrationCentre]:
    """A running centre of `world`."""
    centre = await world.open()
    yield centre
    await centre.stop()
