"""The front door: a newcomer is an officer and a teller for a minute, in every language, size and theme."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.front import Front
from tests.browser.visitor import Device, desktop, devices, phone

pytestmark = pytest.mark.browser


def issued_fen(front: Front) -> int:
    """What the registration centre says was issued."""
    with urllib.request.urlopen(f"{front.url}/v1/supply") as answer:  # noqa: S310 - of this test's own front
        return sum(total["issued"] for total in json.load(answer)["totals"])


def address_of_the_mall(front: Front) -> str:
    with urllib.request.urlopen(f"{front.url}/sandbox") as answer:  # noqa: S310 - of this test's own front
        address: str = json.load(answer)["mall"]["address"]
        return address


@pytest.mark.parametrize("device", devices(), ids=str)
def test_every_state_of_the_office_until_two_officers_have_signed_and_money_exists(
    visit: Visit, front: Front, device: Device
) -> None:
    visitor = visit(device)
    page, door, desks = visitor.go("/"), visitor.words("door"), visitor.words("doorDesks")
    before = issued_fen(front)

    visitor.press(page.get_by_role("button", name=door["officerGo"]))
    expect(page.get_by_role("dialog")).to_be_visible()
    visitor.look("office")
    visitor.press(page.get_by_role("button", name=desks.within("ask")).last)
    expect(page.get_by_role("button", name=desks["signAs"])).to_have_count(3)
    visitor.look("office-to-sign")
    visitor.press(page.get_by_role("button", name=desks["signAs"]).first)
    expect(page.get_by_role("button", name=desks["signAs"])).to_have_count(2)
    assert issued_fen(front) == before, "one officer alone can do nothing"
    visitor.press(page.get_by_role("button", name=desks["signAs"]).last)
    expect(page.get_by_role("link", name=desks["toCurrency"])).to_be_visible()
    visitor.look("office-issued")

    assert issued_fen(front) == before + 1_000_000


@pytest.mark.parametrize("device", devices(), ids=str)
def test_every_state_of_the_counter_until_the_cash_is_in_the_deposit(
    visit: Visit, front: Front, device: Device
) -> None:
    visitor = visit(device)
    page, door, desks = visitor.go("/"), visitor.words("door"), visitor.words("doorDesks")

    visitor.press(page.get_by_role("button", name=door["tellerGo"]))
    field = page.get_by_role("textbox", name=desks["customer"])
    field.fill("tbt1nonsense")
    visitor.press(page.get_by_role("button", name=desks["take"]))
    expect(page.get_by_text(desks["notAddress"])).to_be_visible()
    visitor.look("counter-no-address")
    field.fill(address_of_the_mall(front))
    page.get_by_role("textbox", name=desks["cash"]).fill("1.25")
    visitor.press(page.get_by_role("button", name=desks["take"]))

    expect(page.get_by_role("heading", name=desks["taken"])).to_be_visible()
    visitor.look("counter-taken")


def test_an_issuance_that_somebody_left_is_found_again_and_signed_to_its_end(visit: Visit) -> None:
    visitor = visit(desktop())
    page, door, desks = visitor.go("/"), visitor.words("door"), visitor.words("doorDesks")
    page.get_by_role("button", name=door["officerGo"]).click()
    page.get_by_role("button", name=desks.within("ask")).last.click()
    page.get_by_role("button", name=desks["signAs"]).first.click()
    expect(page.get_by_role("button", name=desks["signAs"])).to_have_count(2)

    page.reload()
    page.get_by_role("button", name=door["officerGo"]).click()
    page.get_by_role("list").get_by_role("button", name=desks.within("needed")).click()
    page.get_by_role("button", name=desks["signAs"]).first.click()

    expect(page.get_by_role("link", name=desks["toCurrency"])).to_be_visible()


def test_language_theme_and_motion_are_chosen_and_kept(visit: Visit) -> None:
    visitor = visit(phone("en", "light"))
    page, shell = visitor.go("/"), visitor.words("shell")

    visitor.press(page.get_by_role("button", name=shell.within("settings")))
    visitor.look("display-settings")
    for choice in ("中文", "深色", "关闭"):
        visitor.press(page.get_by_role("radio", name=choice))
    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text("公共的钱，在您手中。")
    chosen = page.evaluate("() => [document.documentElement.lang, {...document.documentElement.dataset}]")
    assert chosen == ["zh-CN", {"theme": "dark", "motion": "reduced"}]


def test_the_door_is_used_by_the_keyboard_alone(visit: Visit) -> None:
    visitor = visit(desktop())
    page, shell, door = visitor.go("/"), visitor.words("shell"), visitor.words("door")

    visitor.reach(page.get_by_role("link", name=shell["skip"]))
    page.keyboard.press("Enter")
    visitor.reach(page.get_by_role("button", name=door["officerGo"]))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.get_by_role("button", name=door["officerGo"]).evaluate("(one) => one === document.activeElement")
