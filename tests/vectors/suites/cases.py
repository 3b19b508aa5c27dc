"""What the vectors of the suites are told with."""

import hashlib
import json
from dataclasses import dataclass

from tongbao.coin.suites import Suite

MESSAGE = hashlib.sha256(b"tongbao").digest()
OTHER_MESSAGE = hashlib.sha256(b"another").digest()


@dataclass(frozen=True)
class Case:
    """A signature and whether it is valid.

    Attributes:
        name: what is special about it; unique in its file.
        suite: the number of the suite by which it is judged.
        key: the suite's own encoding of the key, or what stands for one.
        signature: likewise.
        valid: the verdict.
        message: 32 bytes, as long as every digest of the ledger.
        usable: whether the key may be set by control and genesis: somebody can sign for it, and not everybody.
    """

    name: str
    suite: Suite | int
    key: bytes
    signature: bytes
    valid: bool = False
    message: bytes = MESSAGE
    usable: bool = True

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(
            {
                "name": self.name,
                "suite": int(self.suite),
                "key": self.key.hex(),
                "usable": self.usable,
                "signature": self.signature.hex(),
                "message": self.message.hex(),
                "valid": self.valid,
            }
        )


def read(line: dict[str, str | int | bool]) -> Case:
    """The case that a line of a file holds."""
    return Case(
        name=str(line["name"]),
        suite=int(line["suite"]),
        key=bytes.fromhex(str(line["key"])),
        signature=bytes.fromhex(str(line["signature"])),
        valid=line["valid"] is True,
        message=bytes.fromhex(str(line["message"])),
        usable=line["usable"] is True,
    )


def flipped(data: bytes, place: int) -> bytes:
    """The bytes with the lowest bit of one of them turned."""
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def der(signature: bytes) -> bytes:
    """The numbers r || s as the DER that many libraries give: here it is no signature."""
    numbers = b""
    for half in (signature[:32], signature[32:]):
        content = half.lstrip(b"\x00") or b"\x00"
        content = b"\x00" + content if content[0] & 0x80 else content
        numbers += b"\x02" + bytes((len(content),)) + content
    return b"\x30" + bytes((len(numbers),)) + numbers
