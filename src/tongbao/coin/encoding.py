"""Reading and writing the fixed binary layouts: big-endian, one form per value, nothing left over."""

import struct
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tongbao.errors import DecodingError, RequestError

__all__ = [
    "Reader",
    "count_u8",
    "count_u16",
    "demand_bytes",
    "demand_unsigned",
    "sized_u16",
    "sized_u32",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
]

_Fields = ParamSpec("_Fields")
_Made = TypeVar("_Made")

_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")

u16 = _U16.pack
u32 = _U32.pack
u64 = _U64.pack


def u8(number: int) -> bytes:
    """One byte; `number` is 0..255."""
    return bytes((number,))


def u128(number: int) -> bytes:
    """Sixteen bytes: totals, which may exceed the largest single value."""
    return number.to_bytes(16, "big")


def sized_u16(content: bytes) -> bytes:
    """`content` behind its length in two bytes."""
    demand_unsigned("length", len(content), bits=16)
    return _U16.pack(len(content)) + content


def sized_u32(content: bytes) -> bytes:
    """`content` behind its length in four bytes."""
    return _U32.pack(len(content)) + content


def count_u8(parts: list[bytes]) -> bytes:
    """The parts one after another behind their number in one byte."""
    demand_unsigned("count", len(parts), bits=8)
    return u8(len(parts)) + b"".join(parts)


def count_u16(parts: list[bytes]) -> bytes:
    """The parts one after another behind their number in two bytes."""
    demand_unsigned("count", len(parts), bits=16)
    return _U16.pack(len(parts)) + b"".join(parts)


def demand_bytes(name: str, content: bytes, *, length: int) -> None:
    """Raise `RequestError` unless `content` has just `length` bytes: packing would pad or cut it silently."""
    if len(content) != length:
        raise RequestError(f"{name} has {length} bytes, this one {len(content)}", field=name)


def demand_unsigned(name: str, number: int, *, bits: int) -> None:
    """Raise `RequestError` unless `number` fits into so many bits."""
    if number < 0 or number >> bits:
        raise RequestError(f"{name} must be 0..2**{bits} - 1, was {number}", field=name)


class Reader:
    """Reads a layout front to back; every method raises `DecodingError` where the bytes end too early.

    Attributes:
        offset: the next byte to be read, counted from the start of `data`.
    """

    __slots__ = ("_data", "_what", "offset")

    def __init__(self, data: bytes, what: str) -> None:
        self._data = data
        self._what = what
        self.offset = 0

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return len(self._data) - self.offset

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        end = self.offset + length
        piece = self._data[self.offset : end]
        if len(piece) != length:
            raise self.error(f"needs {length} bytes, has {len(piece)}")
        self.offset = end
        return piece

    def u8(self) -> int:
        """The next byte as a number."""
        try:
            number = self._data[self.offset]
        except IndexError:
            raise self.error("needs 1 byte, has 0") from None
        self.offset += 1
        return number

    def u16(self) -> int:
        """The next two bytes as a number."""
        return int(self.unpack(_U16)[0])

    def u32(self) -> int:
        """The next four bytes as a number."""
        return int(self.unpack(_U32)[0])

    def u64(self) -> int:
        """The next eight bytes as a number."""
        return int(self.unpack(_U64)[0])

    def u128(self) -> int:
        """The next sixteen bytes as a number."""
        return int.from_bytes(self.take(16), "big")

    def flag(self) -> bool:
        """The next byte, which is 0 or 1."""
        number = self.u8()
        if number > 1:
            raise self.error(f"a flag is 0 or 1, not {number}")
        return bool(number)

    def unpack(self, layout: struct.Struct) -> tuple[int | bytes, ...]:
        """The fields of `layout`, which starts here."""
        try:
            fields = layout.unpack_from(self._data, self.offset)
        except struct.error:
            raise self.error(f"needs {layout.size} bytes, has {self.left}") from None
        self.offset += layout.size
        return fields

    def sized_u16(self) -> bytes:
        """Bytes behind a length of two bytes."""
        return self.take(self.u16())

    def sized_u32(self, *, length_max: int) -> bytes:
        """Bytes behind a length of four bytes, which may not exceed `length_max`."""
        length = self.u32()
        if length > length_max:
            raise self.error(f"length {length} exceeds {length_max}")
        return self.take(length)

    def finish(self) -> None:
        """Demand that nothing is left over."""
        if self.left:
            raise self.error(f"{self.left} bytes too many")

    def build(self, make: Callable[_Fields, _Made], *args: _Fields.args, **kwargs: _Fields.kwargs) -> _Made:
        """What `make` makes of the fields that were read; what it refuses was no canonical encoding.

        A refusal with a code of its own keeps it.
        """
        try:
            return make(*args, **kwargs)
        except RequestError as error:
            raise self.error(str(error), code="" if error.code == RequestError.code else error.code) from None

    def error(self, reason: str, *, code: str = "") -> DecodingError:
        """A `DecodingError` that says what was read, how far, and what is wrong with it."""
        return DecodingError(
            f"{self._what}: {reason} at byte {self.offset}",
            field=self._what,
            cure="send the layout that docs/reference/wire-format.md gives",
            code=code,
        )
