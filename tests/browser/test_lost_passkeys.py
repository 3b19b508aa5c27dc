"""A telephone with the passkey is gone: the phrase opens the money when the time of its locks has come."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.front import started_front
from tests.browser.holder import Holder
from tests.browser.passkeys import with_authenticator
from tests.browser.visitor import Visitor, phone, visitor_of
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser

LATER_DAYS = 61
"""A lock opens to the phrase 30 to 60 days after it was made."""


def left_in_peace(visitor: Visitor) -> None:
    """Let a visitor go, who has nothing to complain of."""
    assert visitor.leave() == []


def test_the_phrase_opens_a_passkey_wallets_money_two_months_later_and_not_before(
    browser: Browser, tmp_path: Path
) -> None:
    with started_front(tmp_path) as front, Wire(front.port) as wire:
        lost, found, payee = (Holder(visitor_of(browser, front, wire, phone())) for _ in range(3))
        with_authenticator(lost.page)
        lost.open("Ada", with_passkey=True)
        lost.add("20.00")
        phrase = lost.phrase()
        lost.check_phrase(phrase)
        found.recover(phrase)
        expect(found.page.get_by_text(found.says["later"])).to_be_visible()
        found.visitor.look("wallet-opens-later")
        payee.open("Grace")
        found.paste(payee.link_of("1.00"))
        found.press(found.agree_button)
        expect(found.page.get_by_text(found.says_to_pay["refused"])).to_be_visible()
        for visitor in (lost.visitor, found.visitor, payee.visitor):
            left_in_peace(visitor)

    with started_front(tmp_path, later_days=LATER_DAYS) as front, Wire(front.port) as wire:
        visitors = [visitor_of(browser, front, wire, phone()) for _ in range(2)]
        for visitor in visitors:
            visitor.context.clock.install(time=datetime.now(UTC) + timedelta(days=LATER_DAYS))
        found, payee = (Holder(visitor) for visitor in visitors)
        payee.open("Grace")
        found.recover(phrase)
        found.expect_balance(20_00)
        found.paste(payee.link_of("15.00"))
        found.agree()
        found.expect_balance(5_00)

        payee.expect_balance(15_00)
        for visitor in visitors:
            left_in_peace(visitor)
