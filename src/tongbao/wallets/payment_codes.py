"""Payment codes: what the wallet shows to a shop, and whether it then pays by itself."""

from dataclasses import dataclass
from typing import Final

from tongbao.errors import PeerError
from tongbao.protocol.money_request import MoneyRequest, MoneyRequestState
from tongbao.protocol.payment_code import STEP_MS, CodeBook, OpenCodeBook, PaymentCode, step_at
from tongbao.wallets.asking import asked
from tongbao.wallets.home import Home
from tongbao.wallets.money_requests import MoneyRequests
from tongbao.wallets.ports import Clock, Entropy

__all__ = ["PaymentCodes", "ShownBook"]

SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ShownBook:
    """A book of codes that this wallet shows.

    Attributes:
        book: as the home opened it.
        secret: what wallet and home know.
        opened_step: the half minute in which it was opened.
    """

    book: CodeBook
    secret: bytes
    opened_step: int

    def code(self, *, now_ms: int) -> PaymentCode:
        """The code of this half minute of the wall clock."""
        return PaymentCode.at(step_at(now_ms), home=self.book.home, handle=self.book.handle, secret=self.secret)

    def has_shown(self, text: str, *, now_ms: int) -> bool:
        """Whether it is a code that the wallet has shown from this book until now."""
        shown = range(self.opened_step, step_at(now_ms) + 1)
        return any(text == str(self.code(now_ms=step * STEP_MS)) for step in shown)


class PaymentCodes:
    """Opens books at the home, and finds what shops ask by their codes."""

    def __init__(self, home: Home, requests: MoneyRequests, *, clock: Clock, entropy: Entropy) -> None:
        self._home = home
        self._requests = requests
        self._clock = clock
        self._entropy = entropy

    @property
    def now_ms(self) -> int:
        """The wall clock that codes go by."""
        return self._clock.now_ms()

    async def sleep(self, seconds: float) -> None:
        """Wait between two looks."""
        await self._clock.sleep(seconds)

    async def open_book(self) -> ShownBook:
        """A new book; it is good for one request."""
        secret = self._entropy.bytes(SECRET_BYTES)
        path = f"{self._home.path}/payment-codes"
        request = asked(OpenCodeBook, secret=secret)
        book = await self._home.post(path, request, CodeBook, self._home.new_request())
        if book.home != self._home.number:
            raise PeerError("the home has opened a book of another home")
        return ShownBook(book, secret, step_at(self._clock.now_ms()))

    async def asked_by(self, shown: ShownBook) -> MoneyRequest | None:
        """The open request that a shop has made by a code of this book; None while there is none.

        A request whose code the wallet has never shown is not among them, whatever the home says.
        """
        page = await self._requests.received()
        for request in page.requests:
            is_of_book = shown.has_shown(request.payment_code, now_ms=self._clock.now_ms())
            if is_of_book and request.state is MoneyRequestState.OPEN:
                return request
        return None
