"""One wallet in two tabs of a browser: they pay one after the other, and both know what is left."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.front import SECOND
from tests.browser.holder import Holder
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser


def test_two_tabs_of_one_wallet_pay_at_once_and_each_payment_once(visit: Visit) -> None:
    payee = Holder(visit(phone()))
    payee.open("Grace", institution=SECOND)
    links = [payee.link_of("3.00")]
    payee.go_home()
    links.append(payee.link_of("4.00"))
    visitor = visit(desktop())
    one = Holder(visitor)
    one.open("Ada")
    one.add("20.00")
    other = Holder(visitor.in_another_tab())
    other.visitor.go("/wallet/")
    other.expect_balance(20_00)

    for tab, link in zip((one, other), links, strict=True):
        tab.paste(link)
        tab.agree_button.wait_for()
    for tab in (one, other):
        tab.press(tab.agree_button)
    for tab in (one, other):
        expect(tab.paid).to_be_visible()

    payee.expect_balance(7_00)
    for tab in (one, other):
        tab.go_home()
        tab.expect_balance(13_00)


def test_one_link_in_two_tabs_that_is_an_order_is_paid_once(visit: Visit) -> None:
    asker, visitor = Holder(visit(phone())), visit(desktop())
    asker.open("Grace", institution=SECOND)
    one = Holder(visitor)
    one.open("Ada")
    one.add("20.00")
    asker.ask(one.address(), "6.00", "tickets")
    other = Holder(visitor.in_another_tab())
    other.visitor.go("/wallet/")
    for tab in (one, other):
        tab.press(tab.link(tab.says.within("waitingFor")))
        tab.press(tab.button(tab.says_to_pay["title"]))
        tab.agree_button.wait_for()

    for tab in (one, other):
        tab.press(tab.agree_button)
    expect(one.paid).to_be_visible()
    expect(other.paid.or_(other.page.get_by_text(other.says_to_pay["alreadyPaid"]))).to_be_visible()

    one.go_home()
    one.expect_balance(14_00)
    asker.expect_balance(6_00)
