"""Payment codes: what a payer shows to a shop, new every half minute, and good for one payment request.

    71 0000000001 482190337615 05731842
       home       handle       proof

    wallet -> its home   POST /v1/wallets/{wallet_id}/payment-codes   OpenCodeBook -> CodeBook

A wallet opens a *book* at its home: the home gives it a handle, which names the wallet to nobody else, and both know
a secret. The proof is a truncated HMAC-SHA-256 of the handle and the half minute, as one-time passwords are made
(RFC 6238). A shop that has scanned the code asks for money by it (`POST /v1/money-requests`), through its own home and
the payer's, which finds the wallet, sees that the code is of now, and closes the book: no code of it counts a second
time, and the next purchase shows another handle. Nothing is paid by that; the payer finds a request, and the wallet
pays it by itself only up to the small limit that its holder has set.

Half minutes are of the wall clock, as in the signatures of requests; a home accepts the one before and the one after.

| request | by | answer |
|---|---|---|
| `POST /v1/wallets/{wallet_id}/payment-codes` | the wallet | `CodeBook` |
"""

import hmac
import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from tongbao.coin.encoding import u64
from tongbao.errors import RequestError
from tongbao.protocol.wire import Hash, Home, LedgerTime, Message, SequenceNumber

__all__ = ["STEP_MS", "CodeBook", "OpenCodeBook", "PaymentCode", "step_at"]

STEP_MS: Final = 30_000
"""Long enough to be scanned, short enough that a picture of it is worth nothing."""

PREFIX: Final = "71"
HOME_DIGITS: Final = 10
HANDLE_DIGITS: Final = 12
PROOF_DIGITS: Final = 8

_STEPS_AROUND: Final = 1
_CODE: Final = re.compile(
    rf"{PREFIX}([0-9]{{{HOME_DIGITS}}})([0-9]{{{HANDLE_DIGITS}}})([0-9]{{{PROOF_DIGITS}}})", re.ASCII
)
_SPACES: Final = re.compile(r"[ -]")


class OpenCodeBook(Message):
    """Open a book; `secret` is 32 random bytes that only the wallet and its home know. The same again is the same."""

    secret: Hash


class CodeBook(Message):
    """A book, good for one request until ledger time has come to `expires_at_ms`."""

    home: Home
    handle: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    expires_at_ms: LedgerTime
    sequence: SequenceNumber
    time_ms: LedgerTime


def step_at(now_ms: int) -> int:
    """The half minute of a wall clock's time."""
    return now_ms // STEP_MS


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """One code.

    Attributes:
        home: the payer's.
        handle: by which that home finds the book, 12 digits.
        proof: 8 digits.
    """

    home: int
    handle: str
    proof: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.home:0{HOME_DIGITS}d}{self.handle}{self.proof}"

    @staticmethod
    def at(step: int, *, home: int, handle: str, secret: bytes) -> "PaymentCode":
        """The code of a half minute."""
        digest = hmac.digest(secret, b"tongbao/payment-code/1" + handle.encode() + u64(step), "sha256")
        proof = int.from_bytes(digest[:8]) % 10**PROOF_DIGITS
        return PaymentCode(home, handle, f"{proof:0{PROOF_DIGITS}d}")

    @staticmethod
    def parse(text: str) -> "PaymentCode":
        """The code as it was scanned or typed, with spaces or hyphens or without.

        Raises:
            RequestError: `CODE_INVALID`.
        """
        parsed = _CODE.fullmatch(_SPACES.sub("", text.strip()))
        if parsed is None or int(parsed[1]) >= 1 << 32:
            raise RequestError(
                "this is no payment code: it has 32 digits and begins with 71",
                field="payment_code",
                cure="scan the code that the payer's wallet shows",
                code="CODE_INVALID",
            )
        return PaymentCode(int(parsed[1]), parsed[2], parsed[3])

    def is_of(self, step: int, *, secret: bytes) -> bool:
        """Whether the code was made with the secret, in the half minute `step` or the one before or after."""
        near = range(max(step - _STEPS_AROUND, 0), step + _STEPS_AROUND + 1)
        expected = [PaymentCode.at(each, home=self.home, handle=self.handle, secret=secret) for each in near]
        return any([hmac.compare_digest(self.proof, each.proof) for each in expected])
