"""A shop in the browser: it opens, shows a code, says that it is paid, gives back, and closes its day."""

import pytest
from playwright.sync_api import expect

from tests.browser.camera import Camera
from tests.browser.conftest import Visit
from tests.browser.holder import Holder
from tests.browser.shopkeeper import NO_CHECKOUT, Shopkeeper
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_shop_shows_a_code_is_paid_and_its_day_adds_up(visit: Visit, camera: Camera, language: str) -> None:
    shopkeeper, customer = Shopkeeper(visit(desktop(language))), Holder(visit(phone(language)))
    shopkeeper.open("茶馆 Teahouse")
    customer.visitor.expects(NO_CHECKOUT)
    customer.open("Ada")
    customer.add("50.00")

    shopkeeper.charge("12.5")
    customer.scan(camera, shopkeeper.code)
    customer.agree()
    expect(shopkeeper.paid).to_be_visible()
    shopkeeper.press(shopkeeper.says["nextCustomer"])
    shopkeeper.go_to("day")

    expect(shopkeeper.page.get_by_text(shopkeeper.says_in_office.within("reconciled"))).to_be_visible()
    expect(shopkeeper.page.get_by_text("12.50").first).to_be_visible()


def test_what_a_shop_gives_back_comes_back_to_the_wallet(visit: Visit, camera: Camera) -> None:
    shopkeeper, customer = Shopkeeper(visit(desktop())), Holder(visit(phone()))
    shopkeeper.open("Bookshop")
    customer.visitor.expects(NO_CHECKOUT)
    customer.open("Grace")
    customer.add("50.00")
    shopkeeper.charge("20")
    customer.scan(camera, shopkeeper.code)
    customer.agree()

    shopkeeper.visitor.press(shopkeeper.page.get_by_role("link", name=shopkeeper.says["receipt"]))
    shopkeeper.press(shopkeeper.says_in_office["refundNow"])

    expect(shopkeeper.page.get_by_text(shopkeeper.says_in_office["refundDone"]).first).to_be_visible()
    customer.expect_balance(50_00)


def test_a_shop_that_asks_first_offers_a_refund_and_pays_it_once_the_customer_accepts(
    visit: Visit, camera: Camera
) -> None:
    shopkeeper, customer = Shopkeeper(visit(desktop("zh-CN"))), Holder(visit(phone()))
    shopkeeper.open("书店")
    customer.visitor.expects(NO_CHECKOUT)
    customer.open("Grace")
    customer.add("50.00")
    shopkeeper.ask_before_refunds()
    shopkeeper.go_to("charge")
    shopkeeper.charge("20")
    customer.scan(camera, shopkeeper.code)
    customer.agree()
    customer.go_home()

    shopkeeper.visitor.press(shopkeeper.page.get_by_role("link", name=shopkeeper.says["receipt"]))
    shopkeeper.press(shopkeeper.says_in_office["refundOffer"])
    shopkeeper.visitor.look("shop-refund-offered")
    customer.accept_refund()

    expect(shopkeeper.page.get_by_text(shopkeeper.says_in_office.within("offerReturned")).last).to_be_visible()
    customer.expect_balance(50_00)
