"""Every page opens on every device and in both languages, breaks no rule of access, and moves nothing by itself."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Device, devices, narrow_window, phone
from tongbao.service.web.front import PAGE_PATHS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", PAGE_PATHS)
@pytest.mark.parametrize("device", devices(), ids=str)
def test_a_page_opens_in_the_browsers_language_and_breaks_no_rule(visit: Visit, device: Device, path: str) -> None:
    visitor = visit(device)

    page = visitor.go(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    visitor.look(path.strip("/") or "door")
    assert page.evaluate("() => document.documentElement.lang") == device.language


@pytest.mark.parametrize("path", ["/wallet/", "/shop/"])
def test_what_people_keep_at_hand_can_be_installed(visit: Visit, path: str) -> None:
    visitor = visit(phone())

    page = visitor.go(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    browser = visitor.context.new_cdp_session(page)
    manifest = browser.send("Page.getAppManifest")
    hindrances = browser.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert (manifest["url"], manifest["errors"]) == (f"{visitor.front.url}{path}manifest.webmanifest", [])
    assert {each["errorId"] for each in hindrances} <= {"in-incognito"}, hindrances


@pytest.mark.parametrize("path", PAGE_PATHS)
def test_a_page_does_not_move_while_it_loads(visit: Visit, path: str) -> None:
    visitor = visit(narrow_window())

    page = visitor.go(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("load")

    visitor.settle()
    assert visitor.shifts == []
