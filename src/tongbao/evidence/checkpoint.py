"""Checkpoints: how long a log is and what its tree's root is, as C2SP's tlog-checkpoint writes it."""

import re
from dataclasses import dataclass

from tongbao.coin.encoding import demand_bytes, demand_unsigned
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.signed_text import base64_bytes, base64_text

__all__ = ["ORIGIN_BYTES_MAX", "ROOT_BYTES", "Checkpoint", "read_size"]

ORIGIN_BYTES_MAX = 255  # the one byte of length that a cosignature gives to it
ROOT_BYTES = 32  # SHA-256
SIZE_BITS = 63  # so that places and sizes fit a signed number of 64 bits everywhere

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)  # no leading zeros, at most as many digits as 2**63 has


def read_size(text: str, *, field: str = "size") -> int:
    """The number of leaves that `text` writes in decimal.

    Raises:
        DecodingError: it is not the one way to write a size below 2**63.
    """
    if not _SIZE.fullmatch(text) or int(text) >> SIZE_BITS:
        raise DecodingError("a size is a decimal number below 2**63 without leading zeros", field=field)
    return int(text)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of its tree; proves something once it is signed.

    Attributes:
        origin: which log, in one line.
        size: number of leaves.
        root: 32 bytes, the RFC 6962 root over them, of SHA-256.
        extensions: further lines, of which no witness says anything; ours has none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.origin.encode()) <= ORIGIN_BYTES_MAX:
            raise RequestError(f"an origin has 1..{ORIGIN_BYTES_MAX} bytes", field="origin")
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise RequestError("each part of a checkpoint is one line that is not empty", field="extensions")
        demand_unsigned("size", self.size, bits=SIZE_BITS)
        demand_bytes("root", self.root, length=ROOT_BYTES)

    def encode(self) -> str:
        """The text that is signed."""
        return "\n".join((self.origin, str(self.size), base64_text(self.root), *self.extensions)) + "\n"

    @staticmethod
    def decode(text: str) -> "Checkpoint":
        """The checkpoint whose whole text is `text`.

        Raises:
            DecodingError: it is none.
        """
        if not text.endswith("\n") or text.count("\n") < 3:  # noqa: PLR2004 - origin, size and root
            raise DecodingError("a checkpoint has at least three lines: origin, size and root")
        origin, size, root, *extensions = text[:-1].split("\n")
        try:
            return Checkpoint(origin, read_size(size), base64_bytes(root, field="root"), tuple(extensions))
        except DecodingError:
            raise
        except RequestError as error:
            raise DecodingError(str(error), field=error.field) from None
