"""What a merchant-presented QR code holds, as EMVCo's specification writes it: objects of tag, length and value.

    00 02 01   01 02 12   26 48 0032...   52 04 5812   53 03 156   ...   63 04 A13A

A tag has two digits, a length two, and counts characters, not bytes. Some tags hold objects themselves. The first
object is the format, the last a checksum over everything before its value. What is of other payment schemes is kept as
it is; what the objects mean to this currency says `tongbao.protocol.shop_code`.
"""

import binascii
import re
from dataclasses import dataclass
from typing import Final

from tongbao.errors import RequestError

__all__ = ["CODE_BEGINS", "DataObject", "Payload", "TemplateObjects"]

PAYLOAD_CHARACTERS_MAX: Final = 4_296
"""The most letters that a QR code holds; EMVCo recommends at most 512."""

VALUE_CHARACTERS_MAX: Final = 99
"""What two digits of length can say."""

FORMAT_TAG: Final = "00"
FORMAT: Final = "01"
CODE_BEGINS: Final = "000201"
"""Tag, length and value of the format."""
CHECKSUM_TAG: Final = "63"
_CHECKSUM_HEAD: Final = CHECKSUM_TAG + "04"
_CHECKSUM_START: Final = 0xFFFF  # CRC-16/CCITT-FALSE, polynomial 0x1021
_TAG_AND_LENGTH: Final = re.compile(r"[0-9]{4}", re.ASCII)
_CHECKSUM: Final = re.compile(r"[0-9A-Fa-f]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DataObject:
    """One object.

    Attributes:
        tag: two digits.
        value: at most 99 characters.
    """

    tag: str
    value: str

    def __str__(self) -> str:
        if len(self.value) > VALUE_CHARACTERS_MAX:
            raise RequestError(
                f"object {self.tag} of a QR code holds at most {VALUE_CHARACTERS_MAX} characters",
                field="payload",
                cure="shorten it",
                code="QR_TOO_LONG",
            )
        return f"{self.tag}{len(self.value):02d}{self.value}"


TemplateObjects = tuple[DataObject, ...]
"""Objects inside the value of another."""


@dataclass(frozen=True, slots=True)
class Payload:
    """All objects of a code but the first and the last, which follow from the others.

    Attributes:
        objects: in the order of the code; no tag stands there twice.
    """

    objects: TemplateObjects

    def __str__(self) -> str:
        text = "".join(str(each) for each in (DataObject(FORMAT_TAG, FORMAT), *self.objects)) + _CHECKSUM_HEAD
        return text + _checksum(text)

    def value(self, tag: str) -> str | None:
        """The value of an object, or None where it is not there."""
        return _value(self.objects, tag)

    def template(self, tag: str) -> TemplateObjects:
        """The objects inside another one; none where it is not there.

        Raises:
            RequestError: `QR_MALFORMED`.
        """
        return _read_objects(self.value(tag) or "")

    @staticmethod
    def parse(text: str) -> "Payload":
        """The objects of a code.

        Raises:
            RequestError: `QR_CHECKSUM` where characters were misread, `QR_MALFORMED` where it is another kind of code.
        """
        stripped = text.strip()
        if len(stripped) > PAYLOAD_CHARACTERS_MAX:
            raise malformed(f"it has more than {PAYLOAD_CHARACTERS_MAX} characters")
        head, checksum = stripped[:-4], stripped[-4:]
        if not head.startswith(CODE_BEGINS):
            raise malformed("it does not begin with the format 01")
        if not head.endswith(_CHECKSUM_HEAD):
            raise malformed("it does not end with a checksum")
        if _CHECKSUM.fullmatch(checksum) is None or checksum.upper() != _checksum(head):
            raise RequestError(
                "the QR code was misread: its checksum does not fit",
                field="payload",
                cure="scan it again, or copy it whole",
                code="QR_CHECKSUM",
            )
        objects = _read_objects(head[: -len(_CHECKSUM_HEAD)])
        return Payload(objects[1:])


def malformed(reason: str) -> RequestError:
    """The text is no code of a merchant."""
    return RequestError(
        f"this is no payment code of a shop: {reason}",
        field="payload",
        cure="scan the shop's code again, or ask for a link",
        code="QR_MALFORMED",
    )


def _value(objects: TemplateObjects, tag: str) -> str | None:
    return next((each.value for each in objects if each.tag == tag), None)


def _checksum(text: str) -> str:
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise malformed("it has a character that no text has") from None
    return f"{binascii.crc_hqx(content, _CHECKSUM_START):04X}"


def _read_objects(text: str) -> TemplateObjects:
    objects: dict[str, DataObject] = {}
    place = 0
    while place < len(text):
        head = text[place : place + 4]
        if _TAG_AND_LENGTH.fullmatch(head) is None:
            raise malformed(f"at character {place + 1} there is no tag and length")
        tag, length = head[:2], int(head[2:])
        value = text[place + 4 : place + 4 + length]
        if len(value) != length:
            raise malformed(f"object {tag} is cut off")
        if tag in objects:
            raise malformed(f"object {tag} is there twice")
        objects[tag] = DataObject(tag, value)
        place += 4 + length
    return tuple(objects.values())
