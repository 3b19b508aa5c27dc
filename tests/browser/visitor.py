"""Somebody with a telephone or a computer, in one language, who visits the pages; the trial sees all that happens."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Locator, Page, expect

from tests.browser import axe
from tests.browser.front import Front
from tests.browser.key_material import found_in, secrets_of
from tests.browser.storage import everything_stored
from tests.browser.wire import Wire
from tests.browser.words import Words

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
_WATCHING = Path(__file__).with_name("watching.js")
PATIENCE_MS = 20_000
"""Two cores may run two browsers and two currencies; a state that does not come within that does not come."""

_LOOK_EVERY_MS = 50
_MOTION_ENDED = """() => Promise.all(document.getAnimations()
  .filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime))
  .map(({ finished }) => finished.catch(() => undefined))).then(() => undefined)"""
_TABS_MAX = 60  # more than any page has things to reach
PICTURES = "TONGBAO_PICTURES"
"""Names the folder for pictures of all states, where there are to be some."""

_TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


@dataclass(frozen=True, slots=True)
class Device:
    """How somebody comes.

    Attributes:
        width_px, height_px: of the window.
        touch: whether by finger.
        language: of the browser, which the pages follow.
        scheme: light or dark, by the system.
    """

    width_px: int
    height_px: int
    touch: bool
    language: str = "en"
    scheme: Scheme = "light"

    def __str__(self) -> str:
        return f"{'phone' if self.touch else 'desktop'}-{self.language}-{self.scheme}"

    def context_of(self, browser: Browser, wire: Wire) -> BrowserContext:
        """A profile of its own on this device, which speaks to the world over the wire."""
        context = browser.new_context(
            viewport={"width": self.width_px, "height": self.height_px},
            has_touch=self.touch,
            is_mobile=self.touch,
            locale=self.language,
            timezone_id="Asia/Shanghai",
            color_scheme=self.scheme,
            permissions=["camera", "clipboard-read", "clipboard-write"],
            proxy={"server": wire.url, "bypass": "<-loopback>"},
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        return context


def phone(language: str = "en", scheme: Scheme = "light") -> Device:
    """A telephone, held upright."""
    return Device(390, 844, touch=True, language=language, scheme=scheme)


def desktop(language: str = "en", scheme: Scheme = "light") -> Device:
    """A computer's window."""
    return Device(1280, 800, touch=False, language=language, scheme=scheme)


def devices() -> list[Device]:
    """The devices on which every state is looked at: each size, language and theme in turn, or all where pictures are.

    Four of the eight see each pair of choices at least once.
    """
    everything = [
        size(language, scheme) for size in (phone, desktop) for language in ("en", "zh-CN") for scheme in SCHEMES
    ]
    return everything if PICTURES in os.environ else [everything[place] for place in (0, 3, 5, 6)]


def narrow_window(language: str = "en") -> Device:
    """A computer's window of a telephone's size.

    On an emulated telephone Chromium leaves the first half second out of what it says of shifts of the layout.
    """
    return Device(390, 844, touch=False, language=language)


@dataclass
class Visitor:
    """One profile of a browser with what it did; `complaints` must be empty in the end."""

    device: Device
    front: Front
    wire: Wire
    context: BrowserContext
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)
    shifts: list[str] = field(default_factory=list)
    taps: list[str] = field(default_factory=list)
    typed: set[str] = field(default_factory=set)
    _expected: list[re.Pattern[str]] = field(default_factory=list)
    _phrases: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.expose_function("trialTold", self._told)
        self.context.add_init_script(path=_WATCHING)
        self.context.on("console", self._said)
        self.context.on("dialog", self._asked)
        self.context.on("weberror", lambda error: self.complain(f"an error that nobody caught: {error.error}"))
        self.page = self.context.new_page()

    # --- what it does -------------------------------------------------------------------------------------------------

    def go(self, path: str) -> Page:
        """Open a page of the front, by its path."""
        self.page.goto(f"{self.front.url}{path}")
        return self.page

    def in_another_tab(self) -> "Visitor":
        """The same visitor, before a second page of the same profile; whatever is wrong there counts here."""
        other = copy(self)
        other.page = self.context.new_page()
        return other

    def slow_down(self, times: float) -> None:
        """Go on with a processor that is so many times slower."""
        self.context.new_cdp_session(self.page).send("Emulation.setCPUThrottlingRate", {"rate": times})

    def settle(self) -> None:
        """Let what moves to an end come to it, and the page draw twice more and tell what it has to tell."""
        self.page.evaluate(_TWO_FRAMES)
        self.page.evaluate(_MOTION_ENDED)
        self.page.evaluate(_TWO_FRAMES)

    def close_news(self) -> None:
        """Close what the page tells at its foot, which stands before other things for some seconds."""
        closing = self.page.get_by_role("status").get_by_role("button", name=self.words("design")["close"])
        while closing.count():
            self.press(closing.first)

    def start_counting(self) -> None:
        """Count taps and fields from here."""
        self.taps.clear()
        self.typed.clear()

    def words(self, page: str) -> Words:
        """What that page says in the visitor's language."""
        return Words(page, self.device.language)

    def press(self, what: Locator) -> None:
        """A finger or a mouse's button, as the device has it."""
        what.tap() if self.device.touch else what.click()

    def reach(self, what: Locator) -> None:
        """Go there by the tabulator alone, as who has no mouse."""
        expect(what).to_be_enabled()
        for _ in range(_TABS_MAX):
            if what.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise TimeoutError(f"{what} is not reached by the tabulator")

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Without network for a while, of which the console may complain."""
        self.expects("net::ERR_")
        self.context.set_offline(offline=True)
        yield
        self.context.set_offline(offline=False)

    def wait_until_installed(self) -> None:
        """Until the page's service worker has what it needs without a network."""
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null")

    def wait_for(self, reached: Callable[[], bool]) -> None:
        """Wait until what the page tells has come so far."""
        deadline_s = time.monotonic() + PATIENCE_MS / 1000
        while not reached():
            if time.monotonic() > deadline_s:
                raise TimeoutError("the page did not tell of it")
            self.page.wait_for_timeout(_LOOK_EVERY_MS)

    def look(self, state: str) -> None:
        """Look at the page as it stands now: whether everybody can use it; take a picture, where one is wanted."""
        self.settle()
        self.complaints += [f"{state}: {violation}" for violation in axe.violations(self.page)]
        width_px = self.page.evaluate("() => document.documentElement.scrollWidth")
        if width_px > self.device.width_px:
            self.complaints.append(f"{state}: {width_px} pixels wide, in a window of {self.device.width_px}")
        if PICTURES in os.environ:
            self._picture(Path(os.environ[PICTURES]) / state / f"{self.device}.png")

    def _picture(self, file: Path) -> None:
        """The whole page, as a window shows it that is as high as the page: what stays at its foot is at the foot."""
        height_px = self.page.evaluate("() => document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": self.device.width_px, "height": max(height_px, self.device.height_px)})
        self.page.screenshot(path=file, animations="disabled")
        self.page.set_viewport_size({"width": self.device.width_px, "height": self.device.height_px})

    # --- what it swears -----------------------------------------------------------------------------------------------

    def keeps_secret(self, phrase: str) -> None:
        """This phrase, and whatever it leads to, is to stay on the device."""
        self._phrases.append(phrase)

    def expects(self, pattern: str) -> None:
        """The console may say this in this trial: what the trial does makes the browser itself say it."""
        self._expected.append(re.compile(pattern))

    def complain(self, text: str) -> None:
        """Something that no page may do."""
        if not any(pattern.search(text) for pattern in self._expected):
            self.complaints.append(text)

    def leave(self) -> list[str]:
        """Close the profile; everything that was wrong with the visit."""
        stored = self._stored() if self._phrases else []
        self.context.close()
        complaints = [*self.complaints, *(f"asked for {name}, which is not the front" for name in self.wire.strangers)]
        for phrase in self._phrases:
            secrets = secrets_of(phrase, self.front.domain())
            complaints += [f"sent {name}" for name in found_in(self.wire.sent(), phrase, secrets)]
            complaints += [f"stored {name}" for name in found_in(stored, phrase, secrets)]
        return complaints

    def _stored(self) -> list[bytes]:
        try:
            return everything_stored(self.page)
        except Error as error:
            self.complaints.append(f"what the page stored cannot be read: {error}")
            return []

    # --- what it hears ------------------------------------------------------------------------------------------------

    def _told(self, kind: str, detail: str) -> None:
        match kind:
            case "violation":
                self.complaints.append(f"against the content security policy: {detail}")
            case "shift":
                self.shifts.append(detail)
            case "tap":
                self.taps.append(detail)
            case "typed":
                self.typed.add(detail)
            case _:
                self.complaints.append(f"told {kind}, which is nothing: {detail}")

    def _asked(self, dialog: Dialog) -> None:
        self.complaints.append(f"a script of somebody else's asks: {dialog.message}")
        dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complain(f"on the console: {message.text} ({message.location.get('url', '')})")


def visitor_of(browser: Browser, front: Front, wire: Wire, device: Device) -> Visitor:
    """Somebody who comes with this device."""
    return Visitor(device, front, wire, device.context_of(browser, wire))
