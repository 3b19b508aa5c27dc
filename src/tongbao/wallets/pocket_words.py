"""What a wallet writes about a pocket and seals: enough to open it with the phrase alone.

| field | bytes | meaning |
|---|---|---|
| version | 1 | 1 |
| path | 1 | by which path the reader opens the lock: 0 for A, 1 for B |
| number | 4 | of the reader's pocket key; 2^32 - 1 for the reader's main key |
| lock | | the lock, as a witness reveals it |
| purpose | rest | why, in UTF-8 |
"""

from dataclasses import dataclass
from typing import Final

from tongbao.coin import Path, TimedLock
from tongbao.coin.encoding import Reader, u8, u32
from tongbao.coin.lock import read_lock
from tongbao.errors import RequestError

__all__ = ["PURPOSE_BYTES_MAX", "PocketWords"]

VERSION: Final = 1
PURPOSE_BYTES_MAX: Final = 280
"""Two lines of Chinese or of English."""

_MAIN_KEY: Final = 2**32 - 1


@dataclass(frozen=True, slots=True)
class PocketWords:
    """A pocket's lock, and which key of the reader opens it.

    Attributes:
        lock: of kind 2.
        path: by which path the reader opens it.
        number: of the reader's pocket key; None for the main key.
        purpose: why the money was put there, in the maker's words.
    """

    lock: TimedLock
    path: Path
    number: int | None
    purpose: str

    def encode(self) -> bytes:
        """The bytes that are sealed."""
        number = _MAIN_KEY if self.number is None else self.number
        return b"".join((u8(VERSION), u8(self.path), u32(number), self.lock.encode(), self.purpose.encode()))

    @classmethod
    def decode(cls, content: bytes) -> "PocketWords":
        """What the bytes say; raises `RequestError` where they are not of this form."""
        reader = Reader(content, "words about a pocket")
        version, path, number = reader.u8(), reader.u8(), reader.u32()
        lock = read_lock(reader)
        if version != VERSION or path not in {Path.A, Path.B} or not isinstance(lock, TimedLock):
            raise RequestError("the words about the pocket are of a form that this program does not know")
        purpose = reader.take(reader.left).decode(errors="replace")
        return cls(lock, Path(path), None if number == _MAIN_KEY else number, purpose)
