"""A wallet that asks a passkey at each payment."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.front import SECOND
from tests.browser.holder import Holder
from tests.browser.passkeys import with_authenticator
from tests.browser.visitor import phone

pytestmark = pytest.mark.browser


def test_a_wallet_with_a_passkey_pays_when_its_holder_agrees_and_not_when_he_refuses(visit: Visit) -> None:
    payee = Holder(visit(phone()))
    payee.open("Grace", institution=SECOND)
    link = payee.link_of("4.00")
    visitor = visit(phone())
    authenticator = with_authenticator(visitor.page)
    holder = Holder(visitor)
    holder.open("Ada", with_passkey=True)
    holder.add("20.00")

    holder.paste(link)
    holder.agree()
    holder.go_home()
    holder.expect_balance(16_00)
    authenticator.refuse()
    holder.paste(link)
    holder.press(holder.agree_button)

    expect(holder.page.get_by_text(holder.says_to_pay["refused"])).to_be_visible()
    holder.expect_balance(16_00)
    assert authenticator.passkeys() == 1


def test_a_lost_passkey_is_given_up_on_its_own_device_and_its_money_is_told_of_with_its_time(visit: Visit) -> None:
    visitor = visit(phone())
    authenticator = with_authenticator(visitor.page)
    holder = Holder(visitor)
    holder.open("Ada", with_passkey=True)
    holder.add("20.00")
    phrase = holder.phrase()
    holder.check_phrase(phrase)

    holder.page.evaluate("() => { location.hash = '#/keys'; }")
    holder.page.get_by_label(holder.says["phrase"]).fill(phrase)
    holder.page.get_by_label(holder.says["passkeyLost"]).check()
    holder.press(holder.button(holder.says["keysMore"]))
    expect(holder.page.get_by_role("heading", name=holder.says["balance"])).to_be_visible()

    holder.expect_balance(20_00)
    expect(holder.page.get_by_text(holder.says["laterWhy"])).to_be_visible()
    holder.go_to("settings")
    expect(holder.page.get_by_text(holder.says_in_settings["keysPasskey"])).to_have_count(0)
    assert authenticator.passkeys() == 1
