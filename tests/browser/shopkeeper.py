"""Somebody who keeps a shop in the browser."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.camera import Camera
from tests.browser.visitor import Visitor

NO_CHECKOUT = r"404 .*/v1/checkouts/"
"""The wallet asks whether the order has a page to go back to; that of a counter has none, and the browser says so."""

_NOT_DIGITS = re.compile(r"[^0-9]")


class Shopkeeper:
    """A visitor of `/shop/`."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page: Page = visitor.page
        self.says = visitor.words("shop")
        self.says_in_office = visitor.words("shopOffice")

    def press(self, name: re.Pattern[str]) -> None:
        """The button of that name."""
        self.visitor.press(self.page.get_by_role("button", name=name))

    # --- a shop -------------------------------------------------------------------------------------------------------

    def begin(self, name: str) -> None:
        """Come to the shop's page and say what it is called; its phrase is shown then."""
        self.visitor.go("/shop/")
        self.press(self.says.within("openDetail"))
        self.page.get_by_label(self.says["name"]).fill(name)
        self.press(self.says["next"])
        expect(self.page.get_by_role("button", name=self.says["phraseWritten"])).to_be_visible()

    def open(self, name: str) -> str:
        """Open a shop of that name; returns its phrase, which the visit must keep secret."""
        self.begin(name)
        words = self.page.get_by_role("main").locator("ol.words").get_by_role("listitem").all_inner_texts()
        phrase = " ".join(re.sub(r"^\d+\W*", "", word.strip()) for word in words)
        self.visitor.keeps_secret(phrase)
        self.press(self.says["phraseWritten"])
        self._type_words(phrase.split())
        self.press(self.says["openNow"])
        expect(self.sum).to_be_visible()
        return phrase

    def _type_words(self, words: list[str]) -> None:
        for field in self.page.get_by_role("main").get_by_role("textbox").all():
            label = field.evaluate("(field) => field.labels[0].textContent")
            field.fill(words[int(_NOT_DIGITS.sub("", label)) - 1])

    # --- at the counter -----------------------------------------------------------------------------------------------

    @property
    def sum(self) -> Locator:
        """What has been typed so far."""
        return self.page.get_by_role("status", name=self.says["amount"])

    @property
    def code(self) -> Locator:
        """What the customer scans."""
        return self.page.get_by_role("img", name=self.says["saleCode"])

    @property
    def paid(self) -> Locator:
        """The word that can be read across a room."""
        return self.page.get_by_text(self.says["paid"])

    def charge(self, amount: str) -> None:
        """Press the amount on the keypad, and show its code."""
        self.enter(amount)
        self.press(self.says["ask"])
        expect(self.code).to_be_visible()

    def enter(self, amount: str) -> None:
        """Press the amount on the keypad."""
        pad = self.page.get_by_role("group", name=self.says["keypad"])
        for key in amount:
            self.visitor.press(pad.get_by_role("button", name=self.says["keyPoint"] if key == "." else key, exact=True))

    def scan_payer(self) -> None:
        """Ask the wallet whose code is held before the camera for what is charged."""
        self.press(self.says["scanPayer"])
        self.press(self.says["cameraScan"])
        expect(self.page.get_by_text(self.says["payerAsked"])).to_be_visible()

    def place(self, name: str) -> Locator:
        """The link to another part of the shop, by the word for it."""
        return self.page.get_by_role("navigation").get_by_role("link", name=self.says[name])

    def go_to(self, place: str) -> None:
        """Another part of the shop, by the word for it."""
        self.visitor.press(self.place(place))

    def ask_before_refunds(self) -> None:
        """Let customers agree to what new orders give back; silence counts as yes."""
        self.go_to("more")
        self.page.get_by_role("radio", name=self.says_in_office.within("policyReturns")).check()
        self.visitor.press(self.page.get_by_role("button", name=self.says_in_office["save"]).last)
        expect(self.page.get_by_text(self.says_in_office["policySaved"])).to_be_visible()

    # --- tills --------------------------------------------------------------------------------------------------------

    def invite(self) -> str:
        """Open the page that adds a till; returns the link for the cashier's device."""
        self.go_to("tills")
        self.press(self.says_in_office["addTill"])
        return self.page.get_by_role("status", name=self.says_in_office["inviteLink"]).inner_text()

    def become_till(self, invitation: str) -> Locator:
        """Follow an invitation on a cashier's device; returns the code that the device shows to the owner."""
        self.visitor.go("/shop/")
        self.press(self.says.within("cashierDetail"))
        self.page.get_by_label(self.says["invitation"]).fill(invitation)
        self.press(self.says["next"])
        self.press(self.says["becomeNow"])
        return self.page.get_by_role("img", name=self.says["applicationCode"])

    def admit(self, name: str, camera: Camera, code: Locator) -> None:
        """Scan what the cashier's device shows, and let it take money under this name."""
        camera.see_image(code.screenshot())
        self.press(self.says["cameraScan"])
        expect(self.page.get_by_text(self.says_in_office.within("tillSame"))).to_be_visible()
        self.page.get_by_label(self.says_in_office["tillName"]).fill(name)
        self.press(self.says_in_office["admit"])
        expect(self.page.get_by_role("listitem").filter(has_text=name)).to_be_visible()

    def close_till(self, name: str) -> None:
        """Take the till of that name away for good."""
        self.visitor.press(self.page.get_by_role("listitem").filter(has_text=name).get_by_role("button"))
        self.press(self.says_in_office["closeNow"])
        expect(self.page.get_by_role("dialog")).to_be_hidden()
