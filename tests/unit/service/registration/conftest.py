"""A running centre and the server before it, for what goes on over real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.registration_world import CentreWorld
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.service.registration.app import create_registration_app
from tongbao.service.server import RunningServer, bind, serve


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[RegistrationCentre]:
    """A running centre of a network of its own."""
    world = CentreWorld(tmp_path)
    centre = await world.open()
    yield centre
    await centre.stop()
    await world.close()


@pytest.fixture
async def server(centre: RegistrationCentre, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """Its server; at the end the centre lets go of who still listens."""
    app = create_registration_app(centre, clock=CentreWorld(tmp_path).clock)
    async with await serve(app, bind("127.0.0.1", 0)) as running:
        yield running
        centre.release()
