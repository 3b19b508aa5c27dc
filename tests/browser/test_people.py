"""People at two institutions: one pays the other, sees the receipt hold, and needs nothing but a keyboard for it."""

import pytest
from playwright.sync_api import expect

from tests.browser.camera import Camera
from tests.browser.conftest import Visit
from tests.browser.front import FIRST, SECOND
from tests.browser.holder import Holder
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_somebody_pays_somebody_at_the_other_institution_who_sees_it_come(
    visit: Visit, camera: Camera, language: str
) -> None:
    payer, payee = Holder(visit(phone(language))), Holder(visit(desktop(language)))
    payer.open("王伟", institution=FIRST)
    payer.add("100.00")
    payee.open("Zoë Müller", institution=SECOND)
    before_fen = payer.balance_fen()

    payer.scan(camera, payee.show_code("12.34"))
    payee.go_home()
    payer.agree()

    payee.expect_balance(12_34)
    payer.go_home()
    payer.expect_balance(before_fen - 12_34)


def test_the_browser_verifies_a_receipt_by_itself_and_keeps_its_proof_from_the_public_log(visit: Visit) -> None:
    payer, payee = Holder(visit(phone())), Holder(visit(desktop()))
    payer.open("Ada")
    payer.add("50.00")
    payee.open("Grace", institution=SECOND)
    payer.paste(payee.link_of("1.00"))
    payer.agree()
    payer.press(payer.link(payer.says_to_pay["showReceipt"]))
    in_the_log = payer.page.get_by_text(payer.says_of_the_log["logged"])

    with payer.visitor.offline():
        payer.verify_receipt()
        expect(payer.page.get_by_text(payer.says_of_the_log["unreachable"])).to_be_visible()
    payer.verify_receipt()
    expect(in_the_log).to_be_visible()
    with payer.visitor.offline():
        payer.verify_receipt()

        expect(in_the_log).to_be_visible()


def test_a_keyboard_is_enough_to_open_a_wallet_to_load_it_and_to_pay(visit: Visit) -> None:
    payee = Holder(visit(phone()))
    payee.open("Grace", institution=SECOND)
    link = payee.link_of("3.00")
    visitor = visit(desktop())
    payer, keys = Holder(visitor), visitor.page.keyboard
    visitor.go("/wallet/")

    visitor.reach(payer.page.get_by_label(payer.says["holderName"]))
    keys.type("Ada Lovelace")
    visitor.reach(payer.button(payer.says["openWallet"]))
    keys.press("Enter")
    visitor.reach(payer.link(payer.says["addMoney"]))
    keys.press("Enter")
    visitor.reach(payer.button(payer.says["add"]))
    keys.press("Enter")
    visitor.reach(payer.link(payer.says["pay"]))
    keys.press("Enter")
    visitor.reach(payer.page.get_by_label(payer.says_to_pay["whom"]))
    keys.type(link)
    keys.press("Enter")
    visitor.reach(payer.agree_button)
    keys.press("Enter")

    expect(payer.paid).to_be_visible()
    assert visitor.taps == []
