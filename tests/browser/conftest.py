"""One browser and one currency for each process that runs trials; each visitor has a profile of its own."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.camera import Camera
from tests.browser.chromium import launched
from tests.browser.front import Front, started_front
from tests.browser.visitor import Device, Visitor, visitor_of
from tests.browser.wire import Wire

FAILED = pytest.StashKey[bool]()
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know whether their test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def visit(
    browser: Browser, front: Front, camera: Camera, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Visit]:
    """Somebody new comes; in the end nobody may have anything to complain of. A failure leaves pictures behind."""
    camera.see_nothing()  # any more: the code of an earlier test
    came: list[Visitor] = []
    wires: list[Wire] = []

    def comes(device: Device) -> Visitor:
        wire = Wire(front.port)
        wires.append(wire.__enter__())
        came.append(visitor_of(browser, front, wire, device))
        return came[-1]

    yield comes
    if request.node.stash[FAILED]:
        for number, visitor in enumerate(came):
            visitor.page.screenshot(path=tmp_path / f"{number}-{visitor.device}.png")
    complaints = [f"{visitor.device}: {complaint}" for visitor in came for complaint in visitor.leave()]
    for wire in wires:
        wire.__exit__(None, None, None)
    assert complaints == []
