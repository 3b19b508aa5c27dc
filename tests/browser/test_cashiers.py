"""A cashier's own telephone as a till: it takes money with a key of its own, and does nothing else."""

import pytest
from playwright.sync_api import expect

from tests.browser.camera import Camera
from tests.browser.conftest import Visit
from tests.browser.holder import Holder
from tests.browser.shopkeeper import NO_CHECKOUT, Shopkeeper
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser

NOT_A_TILL = r"4(01|22) .*/v1/(tills|orders)"
"""The device asks whether it is admitted until it is; and once more after it was sent away."""

OWNERS_PLACES = ("day", "tills", "online")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_cashier_takes_money_gives_none_back_and_is_sent_away_by_the_owner(
    visit: Visit, camera: Camera, language: str
) -> None:
    owner, cashier = Shopkeeper(visit(desktop(language))), Shopkeeper(visit(phone(language)))
    customer = Holder(visit(phone(language)))
    customer.visitor.expects(NO_CHECKOUT)
    cashier.visitor.expects(NOT_A_TILL)
    owner.open("清香茶馆 Teahouse")
    customer.open("Ada")
    customer.add("50.00")

    code = cashier.become_till(owner.invite())
    cashier.visitor.look("till-1-applies")
    owner.admit("前台 Counter", camera, code)
    owner.visitor.look("till-2-admitted")
    expect(cashier.sum).to_be_visible()
    cashier.visitor.look("till-3-charge")
    cashier.charge("7")
    customer.scan(camera, cashier.code)
    customer.agree()
    expect(cashier.paid).to_be_visible()
    cashier.visitor.press(cashier.page.get_by_role("link", name=cashier.says["receipt"]))
    cashier.page.get_by_role("button", name=cashier.says["print"]).wait_for()
    cashier.visitor.look("till-4-receipt")
    expect(cashier.page.get_by_role("button", name=cashier.says_in_office.within("refund"))).to_have_count(0)
    for place in OWNERS_PLACES:
        expect(cashier.place(place)).to_have_count(0)
        cashier.page.evaluate("(place) => { location.hash = `#/${place}`; }", place)
        expect(cashier.sum).to_be_visible()
    owner.close_till("前台 Counter")
    cashier.enter("8")
    cashier.press(cashier.says["ask"])

    expect(cashier.page.get_by_role("alert")).to_be_visible()
    cashier.visitor.look("till-5-closed")
    expect(cashier.code).to_have_count(0)
    owner.go_to("day")
    expect(owner.page.get_by_role("row").filter(has_text="前台 Counter")).to_contain_text("7.00")


def test_a_link_that_invites_nobody_and_a_code_that_is_no_tills_are_refused(visit: Visit) -> None:
    owner, cashier = Shopkeeper(visit(desktop())), Shopkeeper(visit(phone()))
    owner.open("Bookshop")
    owner.invite()
    cashier.visitor.go("/shop/")
    cashier.press(cashier.says.within("cashierDetail"))

    cashier.page.get_by_label(cashier.says["invitation"]).fill("https://example.test/shop/#till=nobody")
    cashier.press(cashier.says["next"])
    expect(cashier.page.get_by_text(cashier.says["invitationFault"])).to_be_visible()
    code = owner.page.get_by_label(owner.says_in_office["tillCode"])

    for text, fault in (
        ("nonsense", "tillUnreadable"),
        (f"tongbao:till?key={'0' * 64}&network=ffffffff", "tillForeign"),
    ):
        code.fill(text)
        expect(owner.page.get_by_text(owner.says_in_office[fault])).to_be_visible()
    owner.page.get_by_label(owner.says_in_office["tillName"]).fill("Counter")
    owner.press(owner.says_in_office["admit"])

    expect(owner.page.get_by_text(owner.says_in_office["tillForeign"])).to_be_visible()
    expect(owner.page.get_by_text(owner.says_in_office.within("admitted"))).to_have_count(0)
