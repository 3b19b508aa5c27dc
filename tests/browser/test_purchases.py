"""Purchases at the example mall: a telephone scans what a computer shows, pays, and gets its money back."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import Buyer
from tests.browser.camera import Camera
from tests.browser.conftest import Visit
from tests.browser.holder import Holder
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser

CONFIRMED_WITHIN_S = 3.0
"""A second on a machine that does nothing else; here two browsers and two currencies share two cores."""

Record = Callable[[str, object], None]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_scanned_order_is_paid_confirmed_soon_and_given_back(
    visit: Visit, camera: Camera, language: str, record_property: Record
) -> None:
    buyer, holder = Buyer(visit(desktop(language))), Holder(visit(phone(language)))
    holder.open("林小明")
    holder.add("500.00")
    before_fen = holder.balance_fen()

    buyer.buy()
    holder.scan(camera, buyer.code)
    began_s = time.monotonic()
    holder.agree()
    confirmed_s = time.monotonic() - began_s
    expect(buyer.paid).to_be_visible()
    holder.go_home()
    paid_fen = before_fen - holder.balance_fen()
    buyer.come_back()
    buyer.give_back()
    holder.accept_refund()

    record_property("seconds until it is confirmed", confirmed_s)
    assert paid_fen > 0
    assert confirmed_s < CONFIRMED_WITHIN_S
    holder.expect_balance(before_fen)
