"""Names, purposes and links that somebody wrote to do harm: they are shown as text, run nothing and break no layout."""

import pytest
from playwright.sync_api import expect

from tests.browser.camera import Camera
from tests.browser.conftest import Visit
from tests.browser.holder import Holder
from tests.browser.shopkeeper import NO_CHECKOUT, Shopkeeper
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
BACKWARDS = "Shop \u202eknab eht\u202c \u2066\u200f pay \U0001f469\u200d\U0001f469\u200d\U0001f467"
ENDLESS = "W" * 60
LONG = "龘" * 10_000


@pytest.mark.parametrize("hostile", [MARKUP, BACKWARDS, ENDLESS], ids=["markup", "backwards", "endless"])
def test_a_hostile_name_is_text_on_every_page_that_shows_it(visit: Visit, camera: Camera, hostile: str) -> None:
    shopkeeper, customer = Shopkeeper(visit(desktop())), Holder(visit(phone()))
    customer.visitor.expects(NO_CHECKOUT)
    shopkeeper.open(hostile)
    customer.open(hostile)
    customer.add("50.00")
    customer.visitor.look("hostile home")

    shopkeeper.charge("7")
    shopkeeper.visitor.look("hostile code")
    customer.scan(camera, shopkeeper.code)
    customer.visitor.look("hostile agree")
    customer.agree()
    customer.visitor.look("hostile paid")
    expect(shopkeeper.paid).to_be_visible()
    shopkeeper.visitor.press(shopkeeper.page.get_by_role("link", name=shopkeeper.says["receipt"]))
    shopkeeper.page.get_by_role("button", name=shopkeeper.says["print"]).wait_for()
    shopkeeper.visitor.look("hostile order")

    customer.go_to("history")
    customer.visitor.look("hostile history")
    assert customer.page.locator("img[src='x']").count() == 0
    assert shopkeeper.page.locator("img[src='x']").count() == 0


@pytest.mark.parametrize(
    "address",
    [f"/wallet/#pay={LONG}", f"/wallet/#pay=javascript:alert(1)//{MARKUP}", f"/wallet/#/history/{LONG}"],
    ids=["long", "script", "history"],
)
def test_a_hostile_link_into_the_wallet_does_nothing(visit: Visit, address: str) -> None:
    visitor = visit(phone())
    holder = Holder(visitor)
    holder.open("Ada")

    visitor.go("/")
    visitor.go(address)
    expect(holder.page.get_by_role("heading", level=1)).to_be_visible()

    visitor.look("hostile link")


def test_ten_thousand_characters_in_a_field_are_cut_and_break_nothing(visit: Visit) -> None:
    visitor = visit(phone())
    holder = Holder(visitor)

    holder.open(LONG)
    visitor.look("hostile long name")
    holder.go_to("receive")
    holder.page.get_by_label(holder.says_to_pay["wishFor"]).fill(LONG)
    holder.page.get_by_label(holder.says_to_pay["wishAmount"]).fill("9" * 10_000)

    visitor.look("hostile long request")
