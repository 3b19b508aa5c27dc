"""One browser and one currency for each process that runs trials; each visitor has a profile of its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.camera import Camera
from tests.browser.chromium import launched
from tests.browser.front import Front, started_front
from tests.browser.visitor import Device, Visitor, visitor_of
from tests.browser.wire import Wire

Visit = Callable[[Device], Visitor]


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    return Camera(tmp_path_factory.mktemp("camera") / "film.mjpeg")


@pytest.fixture(scope="session")
def browser(camera: Camera) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = launched(playwright, camera)
        yield running
        running.close()


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with started_front(tmp_path_factory.mktemp("front")) as started:
        yield started


@pytest.fixture
def visit(browser: Browser, front: Front) -> Iterator[Visit]:
    """Somebody new comes; in the end nobody may have anything to complain of."""
    came: list[Visitor] = []
    wires: list[Wire] = []

    def comes(device: Device) -> Visitor:
        wire = Wire(front.port)
        wires.append(wire.__enter__())
        came.append(visitor_of(browser, front, wire, device))
        return came[-1]

    yield comes
    complaints = [f"{visitor.device}: {complaint}" for visitor in came for complaint in visitor.leave()]
    for wire in wires:
        wire.__exit__(None, None, None)
    assert complaints == []
