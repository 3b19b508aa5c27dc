"""Somebody at the example mall and at the checkout to which it leads."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitor


class Buyer:
    """A visitor of `/mall/`."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page: Page = visitor.page
        self.says = visitor.words("mall")
        self.says_at_checkout = visitor.words("checkout")

    def buy(self) -> None:
        """Take the first thing on the shelf, and stand before its payment code."""
        self.visitor.go("/mall/")
        self.order_first_thing()

    def order_first_thing(self) -> None:
        """The same, from the shelf."""
        self.visitor.press(self.page.get_by_role("button", name=self.says["buyWhat"]).first)
        self.code.wait_for()

    @property
    def code(self) -> Locator:
        """What a wallet scans."""
        return self.page.get_by_role("img", name=self.says_at_checkout["code"])

    @property
    def paid(self) -> Locator:
        """The checkout's word that it is paid; some seconds later the mall thanks in its place."""
        told = self.page.get_by_text(self.says_at_checkout["paid"])
        return told.or_(self.page.get_by_role("heading", name=self.says["thanks"]))

    def come_back(self) -> None:
        """Let the checkout lead back to the mall, which thanks."""
        expect(self.page.get_by_role("heading", name=self.says["thanks"])).to_be_visible()

    def give_back(self) -> None:
        """Bring it back; the mall offers the money."""
        self.visitor.press(self.page.get_by_role("button", name=self.says["giveBack"]))
        expect(self.page.get_by_text(self.says.within("offered"))).to_be_visible()
