"""People who ask people: by address, by telephone number, and shops by the code that a payer shows."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.camera import Camera
from tests.browser.conftest import Visit
from tests.browser.front import SECOND, Front
from tests.browser.holder import Holder
from tests.browser.shopkeeper import NO_CHECKOUT, Shopkeeper
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser

SECOND_HOME = 2


def code_sent_to(front: Front, phone_number: str) -> str:
    """The latest code for that number, which a teller tells the customer."""
    command = (sys.executable, "-m", "tongbao", "bank", "codes", "--home", str(SECOND_HOME), "--json")
    told = subprocess.run([*command, "--data", str(front.data)], check=True, capture_output=True)
    codes = json.loads(told.stdout)["codes"]
    return next(str(each["code"]) for each in codes if each["masked"].endswith(phone_number[-2:]))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_who_is_asked_for_money_pays_or_declines_and_who_asked_sees_it(visit: Visit, language: str) -> None:
    payer, asker = Holder(visit(phone(language))), Holder(visit(desktop(language)))
    payer.open("王伟")
    payer.add("100.00")
    asker.open("李小明", institution=SECOND)
    address = payer.address()

    asker.ask(address, "12.34", "dinner")
    expect(payer.link(payer.says.within("waitingFor"))).to_be_visible()
    payer.press(payer.link(payer.says.within("waitingFor")))
    expect(payer.page.get_by_text("dinner")).to_be_visible()
    payer.visitor.look("wallet-asked")
    payer.press(payer.button(payer.says_to_pay["title"]))
    payer.agree()
    asker.expect_balance(12_34)
    asker.ask(address, "99.00", "too much")
    payer.go_home()
    payer.press(payer.link(payer.says.within("waitingFor")))
    expect(payer.page.get_by_text("too much")).to_be_visible()
    payer.press(payer.button(payer.says_to_pay["decline"]))
    expect(payer.page.get_by_text(payer.says_to_pay["nothingWaits"])).to_be_visible()

    payer.go_home()
    payer.expect_balance(87_66)
    expect(asker.button(asker.says_to_pay["withdraw"])).to_have_count(0)


def test_who_asked_takes_the_request_back(visit: Visit) -> None:
    payer, asker = Holder(visit(phone())), Holder(visit(phone()))
    payer.open("Ada")
    asker.open("Grace", institution=SECOND)

    asker.ask(payer.address(), "5.00", "by mistake")
    expect(payer.link(payer.says.within("waitingFor"))).to_be_visible()
    asker.press(asker.button(asker.says_to_pay["withdraw"]))

    expect(payer.link(payer.says.within("waitingFor"))).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_telephone_number_leads_to_its_holder_whose_masked_name_is_seen_before_anything_is_paid(
    visit: Visit, front: Front, language: str
) -> None:
    number = "13800138011" if language == "en" else "13900139022"
    payee, payer = Holder(visit(phone(language))), Holder(visit(phone(language)))
    payee.open("李小明", institution=SECOND)
    payer.open("Ada Lovelace")
    payer.add("50.00")

    payee.claim_phone(number, lambda: code_sent_to(front, number))
    payee.visitor.look("wallet-phone")
    payer.paste(number)
    expect(payer.page.get_by_text("*小明")).to_be_visible()
    expect(payer.page.get_by_text(payer.says_to_pay["personMasked"])).to_be_visible()
    assert payer.page.get_by_text("李小明").count() == 0
    payer.name_amount("20.00")
    payer.visitor.look("wallet-pay-phone")
    payer.agree()

    payee.expect_balance(20_00)


def test_a_number_that_nobody_has_leads_nowhere(visit: Visit) -> None:
    visitor = visit(phone())
    visitor.expects("404 ")
    holder = Holder(visitor)
    holder.open("Ada")

    holder.press(holder.link(holder.says["pay"]))
    holder.page.get_by_label(holder.says_to_pay["whom"]).fill("13700137000")
    holder.press(holder.button(holder.says_to_pay["look"]))

    expect(holder.page.get_by_role("alert").filter(has_text=holder.says_to_pay.within("leadsNowhere"))).to_be_visible()
    visitor.look("wallet-pay-nowhere")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_shop_scans_what_the_customer_shows_who_agrees_and_pays(visit: Visit, camera: Camera, language: str) -> None:
    shopkeeper, customer = Shopkeeper(visit(desktop(language))), Holder(visit(phone(language)))
    customer.visitor.expects(NO_CHECKOUT)
    shopkeeper.open("清香茶馆 Teahouse")
    customer.open("Ada")
    customer.add("50.00")

    shopkeeper.charge("9.5")
    code = customer.show_code_to_shop()
    customer.visitor.look("wallet-show-code")
    camera.see_image(code.screenshot())
    shopkeeper.scan_payer()
    shopkeeper.visitor.look("shop-payer-asked")
    customer.agree_button.wait_for()
    customer.agree()

    expect(shopkeeper.paid).to_be_visible()
    customer.expect_balance(40_50)
