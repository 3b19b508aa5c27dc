"""Texts with lines of signatures under them: the format that C2SP's signed-note describes. Says nothing of validity."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass

from tongbao.coin.encoding import demand_bytes
from tongbao.errors import DecodingError, RequestError

__all__ = [
    "KEY_ID_BYTES",
    "KEY_NAME_BYTES_MAX",
    "SIGNATURES_MAX",
    "SIGNED_TEXT_BYTES_MAX",
    "SignatureLine",
    "SignedText",
    "SignedTextInvalidError",
    "base64_bytes",
    "base64_text",
    "demand_key_name",
]

KEY_ID_BYTES = 4
KEY_NAME_BYTES_MAX = 255  # the one byte of length that a cosignature gives to its cosigner's name
SIGNATURES_MAX = 100  # as many as the Go project's reader takes; C2SP asks for 16 at least
SIGNED_TEXT_BYTES_MAX = 1_000_000  # as much as that reader takes; 100 post-quantum signatures are a third of it

_MARK = "\N{EM DASH} "
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f]")  # control characters other than the end of a line


class SignedTextInvalidError(RequestError):
    """A signed text that does not prove what it says."""

    code = "SIGNED_TEXT_INVALID"


def base64_text(data: bytes) -> str:
    """Base64 of RFC 4648, section 4, with its padding."""
    return b64encode(data).decode("ascii")


def base64_bytes(text: str, *, field: str) -> bytes:
    """The bytes of which `text` is the only base64.

    Raises:
        DecodingError: it is not base64, or not in its one form.
    """
    try:
        data = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise DecodingError(f"{field} is not base64", field=field) from None
    if base64_text(data) != text:
        raise DecodingError(f"{field} is not base64 in its one form", field=field)
    return data


def demand_key_name(name: str) -> None:
    """Raise `RequestError` unless a key can have this name: not empty, without spaces, plus or control characters."""
    if not 1 <= len(name.encode()) <= KEY_NAME_BYTES_MAX:
        raise RequestError(f"the name of a key has 1..{KEY_NAME_BYTES_MAX} bytes", field="name")
    if "+" in name or any(each.isspace() or each < " " for each in name):
        raise RequestError("the name of a key has neither spaces nor plus signs", field="name")


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature under a text; whose key it names, it need not be.

    Attributes:
        name: of the key.
        key_id: 4 bytes, a short hash of name, kind and public key.
        signature: 1 byte or more; what they mean depends on the key.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        demand_key_name(self.name)
        demand_bytes("key_id", self.key_id, length=KEY_ID_BYTES)
        if not self.signature:
            raise RequestError("a signature has at least one byte", field="signature")

    def encode(self) -> str:
        """The line with its end."""
        return f"{_MARK}{self.name} {base64_text(self.key_id + self.signature)}\n"

    @staticmethod
    def decode(line: str) -> "SignatureLine":
        """The signature of a line, given without its end.

        Raises:
            DecodingError: it is no line of a signature.
        """
        name, space, encoded = line.removeprefix(_MARK).partition(" ")
        if not line.startswith(_MARK) or not space:
            raise DecodingError("a line of a signature is a dash, a name and base64", field="signature")
        data = base64_bytes(encoded, field="signature")
        try:
            return SignatureLine(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])
        except DecodingError:
            raise
        except RequestError as error:
            raise DecodingError(str(error), field="signature") from None


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text and the signatures that stand under it, of which none has been verified.

    Attributes:
        text: ends with the end of a line; has no control characters but those.
        signatures: 1..100.
    """

    text: str
    signatures: tuple[SignatureLine, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _FORBIDDEN.search(self.text):
            raise RequestError("a text to be signed consists of whole lines without control characters", field="text")
        if not 1 <= len(self.signatures) <= SIGNATURES_MAX:
            raise RequestError(f"a signed text has 1..{SIGNATURES_MAX} signatures", field="signatures")

    def encode(self) -> bytes:
        """The text, an empty line, the signatures."""
        return "".join((self.text, "\n", *(each.encode() for each in self.signatures))).encode()

    @staticmethod
    def decode(data: bytes) -> "SignedText":
        """The signed text whose whole encoding is `data`.

        Raises:
            DecodingError: it is none.
        """
        if len(data) > SIGNED_TEXT_BYTES_MAX:
            raise DecodingError(f"a signed text has at most {SIGNED_TEXT_BYTES_MAX} bytes, this one {len(data)}")
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise DecodingError("a signed text is UTF-8") from None
        head, between, lines = whole.rpartition("\n\n")
        if not between or not lines.endswith("\n"):
            raise DecodingError("a signed text is lines, an empty line, and whole lines of signatures")
        signatures = lines[:-1].split("\n")
        if len(signatures) > SIGNATURES_MAX:
            raise DecodingError(f"a signed text has at most {SIGNATURES_MAX} signatures", field="signatures")
        try:
            return SignedText(head + "\n", tuple(SignatureLine.decode(each) for each in signatures))
        except DecodingError:
            raise
        except RequestError as error:
            raise DecodingError(str(error), field=error.field) from None

    def with_signatures(self, *more: SignatureLine) -> "SignedText":
        """The same text with further signatures; one of the same key takes the place of its earlier one."""
        signatures = {(each.name, each.key_id): each for each in (*self.signatures, *more)}
        return SignedText(self.text, tuple(signatures.values()))
