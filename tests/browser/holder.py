"""Somebody with a wallet in the browser, who does what its pages offer, by role and name as a person finds them."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.camera import Camera
from tests.browser.visitor import Visitor

_NOT_DIGITS = re.compile(r"[^0-9]")


class Holder:
    """A visitor of `/wallet/`."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page: Page = visitor.page
        self.says = visitor.words("wallet")
        self.says_to_pay = visitor.words("walletPay")
        self.says_of_the_log = visitor.words("walletLog")
        self.says_in_settings = visitor.words("walletSettings")

    def button(self, name: re.Pattern[str]) -> Locator:
        """The button of that name in what the page is about."""
        return self.page.get_by_role("main").get_by_role("button", name=name)

    def link(self, name: re.Pattern[str]) -> Locator:
        """The link of that name in what the page is about."""
        return self.page.get_by_role("main").get_by_role("link", name=name)

    def press(self, what: Locator) -> None:
        """With a finger or a mouse, as the device has it."""
        self.visitor.press(what)

    # --- a wallet -----------------------------------------------------------------------------------------------------

    def open(self, name: str, *, institution: str = "", with_passkey: bool = False) -> None:
        """Come to the wallet's page and open one; a passkey needs a device that makes one."""
        self.visitor.go("/wallet/")
        if with_passkey:
            self.page.get_by_label(self.says.within("askPasskey")).check()
        self.name_and_open(name, institution=institution)
        expect(self.page.get_by_role("heading", name=self.says["balance"])).to_be_visible()

    def name_and_open(self, name: str, *, institution: str = "") -> None:
        """Fill in what the page asks whoever has no wallet yet."""
        self.page.get_by_label(self.says["holderName"]).fill(name)
        if institution:
            self.page.get_by_label(institution).check()
        self.press(self.button(self.says["openWallet"]))

    def add(self, amount: str) -> None:
        """Let the sandbox's teller take cash, and make it money of the wallet."""
        self.press(self.link(self.says["addMoney"]))
        self.page.get_by_label(self.says["amount"]).fill(amount)
        self.press(self.button(self.says["add"]))
        expect(self.page.get_by_role("heading", name=self.says["balance"])).to_be_visible()

    def balance_fen(self) -> int:
        """What the wallet's first screen says that it holds."""
        return int(_NOT_DIGITS.sub("", self.balance.inner_text()))

    @property
    def balance(self) -> Locator:
        """Where the wallet's first screen says what it holds."""
        return self.page.get_by_role("region", name=self.says["balance"]).locator(".sum")

    def phrase(self) -> str:
        """The recovery phrase, as it is shown; from here on the visit must keep it secret."""
        self.press(self.link(self.says["backupNow"]))
        self.press(self.button(self.says_in_settings["show"]))
        words = [word.strip() for word in self.page.get_by_role("main").get_by_role("listitem").all_inner_texts()]
        phrase = " ".join(re.sub(r"^\d+\W*", "", word) for word in words)
        self.visitor.keeps_secret(phrase)
        return phrase

    def check_phrase(self, phrase: str) -> None:
        """Type the words that the page asks for, from paper."""
        self.press(self.button(self.says_in_settings["wrote"]))
        words = phrase.split()
        for field in self.page.get_by_role("textbox").all():
            label = field.evaluate("(field) => field.labels[0].textContent")
            field.fill(words[int(_NOT_DIGITS.sub("", label)) - 1])
        self.press(self.button(self.says_in_settings["check"]))
        expect(self.page.get_by_text(self.says_in_settings["checked"])).to_be_visible()
        self.press(self.link(self.says["done"]))

    def recover(self, phrase: str, *, institution: str = "") -> None:
        """Come to the wallet's page with a phrase on paper."""
        self.visitor.go("/wallet/")
        self.press(self.link(self.says["haveWallet"]))
        self.page.get_by_label(self.says["phrase"]).fill(phrase)
        if institution:
            self.page.get_by_label(self.says["institution"]).select_option(label=institution)
        self.press(self.button(self.says["recover"]))
        self.visitor.keeps_secret(phrase)
        expect(self.page.get_by_role("heading", name=self.says["balance"])).to_be_visible()

    def go_home(self) -> None:
        """To the wallet's first screen."""
        self.page.evaluate("() => { location.hash = '#/'; }")
        expect(self.page.get_by_role("heading", name=self.says["balance"])).to_be_visible()

    def go_to(self, place: str) -> None:
        """Another part of the wallet, by the word for it."""
        self.press(self.page.get_by_role("navigation").get_by_role("link", name=self.says[place]))
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def expect_balance(self, fen: int) -> None:
        """Wait until the first screen shows that much."""
        if not self.balance.is_visible():
            self.go_home()
        yuan = f"{fen // 100:,}.{fen % 100:02}"
        expect(self.balance).to_have_text(re.compile(rf"(^|[^\d,]){re.escape(yuan)}$"))

    # --- payments -----------------------------------------------------------------------------------------------------

    def scan(self, camera: Camera, code: Locator) -> None:
        """Hold the telephone before what another screen shows."""
        camera.see_image(code.screenshot())
        self.press(self.link(self.says["pay"]))
        self.agree_button.wait_for()

    def paste(self, text: str) -> None:
        """Give the wallet a link or an address."""
        self.press(self.link(self.says["pay"]))
        self.page.get_by_label(self.says_to_pay["whom"]).fill(text)
        self.press(self.button(self.says_to_pay["look"]))

    @property
    def agree_button(self) -> Locator:
        """What pays, whether the money is there or comes from the deposit first."""
        return self.button(self.says_to_pay["confirm"]).or_(self.button(self.says_to_pay["addAndPay"]))

    @property
    def paid(self) -> Locator:
        """The word that it is paid."""
        return self.page.get_by_role("heading", name=self.says_to_pay.within("paid"), level=1)

    def agree(self) -> None:
        """Pay what is shown."""
        self.press(self.agree_button)
        expect(self.paid).to_be_visible()

    def show_code(self, amount: str) -> Locator:
        """The code by which this wallet is paid so much."""
        self._ask_for(amount)
        return self.page.get_by_role("img", name=self.says_to_pay["yourCode"])

    def verify_receipt(self) -> None:
        """Verify the receipt that is open; the log may be a second behind, which the browser writes on its console."""
        self.visitor.expects(r"status of 503 .*/v1/receipts/")
        self.press(self.button(self.says["verify"]))
        expect(self.page.get_by_text(self.says["verified"])).to_be_visible()

    def link_of(self, amount: str) -> str:
        """The same as a link, for pasting."""
        self._ask_for(amount)
        self.press(self.button(self.says_to_pay["copy"]))
        expect(self.page.get_by_text(self.says_to_pay["copied"]).first).to_be_visible()
        link: str = self.page.evaluate("() => navigator.clipboard.readText()")
        return link

    def _ask_for(self, amount: str) -> None:
        self.press(self.link(self.says["receive"]))
        self.page.get_by_label(self.says_to_pay["wishAmount"]).fill(amount)

    def accept_refund(self) -> None:
        """Take back what a shop offers."""
        self.press(self.link(self.says.within("waitingFor")))
        self.press(self.button(self.says_to_pay["accept"]))
        expect(self.page.get_by_text(self.says_to_pay["accepted"])).to_be_visible()
        self.go_home()

    # --- asking -------------------------------------------------------------------------------------------------------

    def address(self) -> str:
        """This wallet's address, by which anybody can pay it or ask it for money."""
        self.press(self.link(self.says["receive"]))
        self.press(self.page.get_by_role("main").get_by_text(self.says_to_pay["yourAddress"]))
        self.press(self.button(self.says_to_pay["copyAddress"]))
        expect(self.page.get_by_text(self.says_to_pay["copied"]).first).to_be_visible()
        address: str = self.page.evaluate("() => navigator.clipboard.readText()")
        self.go_home()
        return address

    def ask(self, whom: str, amount: str, purpose: str) -> None:
        """Ask somebody for money; the page then shows what was asked for."""
        self.go_home()
        self.press(self.link(self.says["receive"]))
        self.press(self.page.get_by_text(self.says_to_pay["askSomebody"]))
        form = self.page.locator("form").filter(has=self.page.get_by_label(self.says_to_pay["askAddress"]))
        form.get_by_label(self.says_to_pay["askAddress"]).fill(whom)
        form.get_by_label(self.says["amount"]).fill(amount)
        form.get_by_label(self.says_to_pay["askFor"]).fill(purpose)
        self.press(form.get_by_role("button", name=self.says_to_pay["askSend"]))
        expect(self.page.get_by_text(purpose)).to_be_visible()

    def claim_phone(self, number: str, code: Callable[[], str]) -> None:
        """Be found by a telephone number, with the code that goes there."""
        self.go_to("settings")
        self.press(self.page.get_by_text(self.says_in_settings["phone"]))
        self.page.get_by_label(self.says_in_settings["phoneNumber"]).fill(number)
        self.press(self.button(self.says_in_settings["phoneSend"]))
        expect(self.page.get_by_text(self.says_in_settings["phoneSent"])).to_be_visible()
        self.page.get_by_label(self.says_in_settings["phoneCode"]).fill(code())
        self.press(self.button(self.says_in_settings["phoneConfirm"]))
        expect(self.button(self.says_in_settings["phoneSend"])).to_be_visible()

    def name_amount(self, amount: str) -> None:
        """Say how much somebody who named none gets."""
        self.page.get_by_label(self.says_to_pay["amount"]).fill(amount)
        self.press(self.button(self.says_to_pay["look"]))

    def show_code_to_shop(self) -> Locator:
        """The code by which a shop asks this wallet for money."""
        self.press(self.link(self.says["pay"]))
        self.press(self.link(self.says_to_pay["show"]))
        return self.page.get_by_role("img", name=self.says_to_pay["shownCode"])
