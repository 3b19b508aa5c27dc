"""How much somebody must do to pay for the first time, from the front door on, and how much from then on."""

import pytest

from tests.browser.buyer import Buyer
from tests.browser.camera import Camera
from tests.browser.conftest import Visit
from tests.browser.holder import Holder
from tests.browser.visitor import desktop, phone

pytestmark = pytest.mark.browser

FIRST_PAYMENT_TAPS_MAX, FIRST_PAYMENT_FIELDS_MAX = 6, 2
LATER_PAYMENT_TAPS_MAX = 2


def test_a_newcomers_first_payment_takes_few_taps_and_the_next_one_fewer(visit: Visit, camera: Camera) -> None:
    visitor = visit(phone())
    buyer, holder = Buyer(visitor), Holder(visitor)
    page = visitor.go("/")
    visitor.start_counting()

    visitor.press(page.get_by_role("main").get_by_role("link", name=visitor.words("door")["toMall"]))
    buyer.order_first_thing()
    visitor.press(page.get_by_role("link", name=buyer.says_at_checkout["payHere"]))
    name = page.get_by_label(holder.says["holderName"])
    visitor.press(name)
    page.keyboard.type("Ada Lovelace")
    visitor.press(holder.button(holder.says["openWallet"]))
    holder.agree()
    first = (len(visitor.taps), len(visitor.typed))
    other = Buyer(visit(desktop()))
    other.buy()
    holder.go_home()
    holder.scan(camera, other.code)
    visitor.start_counting()
    holder.agree()
    holder.go_home()

    assert (first[0] <= FIRST_PAYMENT_TAPS_MAX, first[1] <= FIRST_PAYMENT_FIELDS_MAX) == (True, True), first
    assert len(visitor.taps) <= LATER_PAYMENT_TAPS_MAX
