"""Every state of the pages on every device, looked at by axe; `make screenshots` takes its pictures of them here."""

import pytest
from playwright.sync_api import expect

from tests.browser.buyer import Buyer
from tests.browser.camera import Camera
from tests.browser.conftest import Visit
from tests.browser.holder import Holder
from tests.browser.shopkeeper import NO_CHECKOUT, Shopkeeper
from tests.browser.visitor import Device, devices, phone

pytestmark = pytest.mark.browser

on_every_device = pytest.mark.parametrize("device", devices(), ids=str)


@on_every_device
def test_every_state_of_a_wallet_that_is_new(visit: Visit, device: Device) -> None:
    visitor = visit(device)
    holder = Holder(visitor)

    holder.open("林小明 Lin")
    visitor.look("wallet-1-new")
    visitor.press(holder.link(holder.says["addMoney"]))
    visitor.look("wallet-2-add")
    holder.go_home()
    holder.add("200.00")
    visitor.look("wallet-3-added")
    visitor.close_news()
    visitor.look("wallet-3-home")
    for number, place in enumerate(("receive", "pay", "history", "settings"), 4):
        holder.go_to(place)
        visitor.look(f"wallet-{number}-{place}")
    holder.go_home()
    phrase = holder.phrase()
    visitor.look("wallet-8-phrase")
    holder.check_phrase(phrase)
    with visitor.offline():
        expect(holder.page.get_by_text(holder.says["offlineWhy"])).to_be_visible()
        visitor.look("wallet-9-offline")
    visitor.go("/wallet/#/recover")
    holder.page.get_by_label(holder.says["phrase"]).wait_for()
    visitor.look("wallet-recover")


@on_every_device
def test_every_state_of_a_purchase(visit: Visit, device: Device) -> None:
    visitor = visit(device)
    buyer, holder = Buyer(visitor), Holder(visitor)
    holder.open("Ada Lovelace")

    buyer.buy()
    visitor.look("checkout-1-open")
    order = buyer.page.url
    visitor.press(buyer.page.get_by_role("link", name=buyer.says_at_checkout["payHere"]))
    holder.agree_button.wait_for()
    visitor.look("wallet-pay-1-agree")
    holder.agree()
    visitor.look("wallet-pay-2-paid")
    visitor.press(holder.link(holder.says_to_pay["showReceipt"]))
    holder.verify_receipt()
    expect(holder.page.get_by_text(holder.says_of_the_log["logged"])).to_be_visible()
    visitor.look("wallet-pay-3-receipt")
    buyer.page.goto(order)
    buyer.paid.wait_for()
    visitor.look("checkout-2-paid")
    visitor.go("/mall/")
    visitor.press(buyer.page.get_by_role("main").locator("a[href^='#thanks']").first)
    expect(buyer.page.get_by_role("heading", name=buyer.says["thanks"])).to_be_visible()
    buyer.give_back()
    visitor.look("mall-2-offered")
    visitor.go("/wallet/#/waiting")
    holder.button(holder.says_to_pay["accept"]).wait_for()
    visitor.look("wallet-waiting")


@on_every_device
def test_every_state_of_a_shop(visit: Visit, camera: Camera, device: Device) -> None:
    visitor, customer = visit(device), Holder(visit(phone(device.language)))
    customer.visitor.expects(NO_CHECKOUT)
    shopkeeper = Shopkeeper(visitor)
    shopkeeper.begin("清香茶馆 Teahouse")
    visitor.look("shop-1-phrase")
    shopkeeper.open("清香茶馆 Teahouse")
    visitor.look("shop-2-charge")

    customer.open("Grace Hopper")
    customer.add("50.00")
    shopkeeper.charge("12.5")
    visitor.look("shop-3-code")
    customer.scan(camera, shopkeeper.code)
    customer.agree()
    expect(shopkeeper.paid).to_be_visible()
    visitor.look("shop-4-paid")
    visitor.press(shopkeeper.page.get_by_role("link", name=shopkeeper.says["receipt"]))
    shopkeeper.page.get_by_role("button", name=shopkeeper.says["print"]).wait_for()
    visitor.look("shop-5-order")
    for number, place in enumerate(("orders", "day", "tills", "online", "more"), 6):
        shopkeeper.go_to(place)
        visitor.look(f"shop-{number}-{place}")
