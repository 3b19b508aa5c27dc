"""Reading and writing layouts."""

import struct
from collections.abc import Callable

import pytest

from tongbao.coin.encoding import (
    Reader,
    count_u8,
    count_u16,
    demand_bytes,
    demand_unsigned,
    sized_u16,
    sized_u32,
    u8,
    u16,
    u32,
    u64,
    u128,
)
from tongbao.errors import DecodingError, RequestError


def test_numbers_are_big_endian() -> None:
    written = u8(1) + u16(2) + u32(3) + u64(4) + u128(5)

    assert written.hex() == "01000200000003000000000000000400000000000000000000000000000005"


def test_what_was_written_is_read() -> None:
    written = u8(1) + u16(2) + u32(3) + u64(4) + u128(5) + u8(0) + u8(1) + sized_u16(b"six") + sized_u32(b"seven")
    reader = Reader(written, "sample")

    numbers = reader.u8(), reader.u16(), reader.u32(), reader.u64(), reader.u128()
    flags = reader.flag(), reader.flag()
    texts = reader.sized_u16(), reader.sized_u32(length_max=5)
    reader.finish()

    assert (numbers, flags, texts) == ((1, 2, 3, 4, 5), (False, True), (b"six", b"seven"))
    assert reader.offset == len(written)


def test_lists_stand_behind_their_number() -> None:
    assert count_u8([b"a", b"bc"]) == b"\x02abc"
    assert count_u16([]) == b"\x00\x00"


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda reader: reader.take(4), id="take"),
        pytest.param(lambda reader: reader.u16() + reader.u16(), id="u16"),
        pytest.param(Reader.u32, id="u32"),
        pytest.param(Reader.u64, id="u64"),
        pytest.param(Reader.u128, id="u128"),
        pytest.param(Reader.sized_u16, id="sized u16"),
        pytest.param(lambda reader: reader.unpack(struct.Struct(">HH")), id="unpack"),
        pytest.param(lambda reader: [reader.u8() for _ in range(4)], id="u8"),
    ],
)
def test_bytes_that_end_too_early_are_refused(read: Callable[[Reader], object]) -> None:
    reader = Reader(b"\x00\x02\x00", "sample")

    with pytest.raises(DecodingError, match=r"sample: needs \d+ bytes?, has \d at byte \d"):
        read(reader)


def test_an_error_says_what_was_read_and_where_and_what_to_do() -> None:
    reader = Reader(b"\x00\x00\x00", "sample")
    reader.u16()

    error = reader.error("it is wrong")

    assert str(error) == "sample: it is wrong at byte 2"
    assert (error.code, error.field) == ("MALFORMED", "sample")
    assert "docs/reference/wire-format.md" in error.cure


def test_a_flag_is_0_or_1() -> None:
    with pytest.raises(DecodingError, match="a flag is 0 or 1, not 2"):
        Reader(b"\x02", "sample").flag()


def test_what_is_left_over_is_refused() -> None:
    reader = Reader(b"\x00\x00\x00", "sample")
    reader.u8()

    with pytest.raises(DecodingError, match="2 bytes too many"):
        reader.finish()


def test_a_length_above_its_maximum_is_refused_before_anything_is_read() -> None:
    reader = Reader(u32(6) + b"sevens", "sample")

    with pytest.raises(DecodingError, match="length 6 exceeds 5"):
        reader.sized_u32(length_max=5)


def test_what_a_constructor_refuses_was_no_encoding() -> None:
    def refuse(number: int) -> int:
        raise RequestError(f"{number} is wrong")

    with pytest.raises(DecodingError, match="sample: 7 is wrong at byte 0") as refused:
        Reader(b"", "sample").build(refuse, 7)

    assert refused.value.code == "MALFORMED"


def test_a_refusal_keeps_a_code_of_its_own() -> None:
    def refuse() -> None:
        raise RequestError("too much", code="VALUE_OUT_OF_RANGE")

    with pytest.raises(DecodingError) as refused:
        Reader(b"", "sample").build(refuse)

    assert refused.value.code == "VALUE_OUT_OF_RANGE"


def test_a_constructor_that_accepts_gives_its_value() -> None:
    assert Reader(b"", "sample").build(dict, one=1) == {"one": 1}


@pytest.mark.parametrize("number", [0, 255])
def test_a_number_that_fits_is_demanded_in_silence(number: int) -> None:
    demand_unsigned("number", number, bits=8)


@pytest.mark.parametrize("number", [-1, 256])
def test_a_number_that_does_not_fit_is_refused_by_name(number: int) -> None:
    with pytest.raises(RequestError, match=r"number must be 0..2\*\*8 - 1") as refused:
        demand_unsigned("number", number, bits=8)

    assert refused.value.field == "number"


@pytest.mark.parametrize("content", [b"", b"abc", b"abcde"])
def test_bytes_of_another_length_are_refused_by_name(content: bytes) -> None:
    demand_bytes("name", b"abcd", length=4)

    with pytest.raises(RequestError, match=f"name has 4 bytes, this one {len(content)}") as refused:
        demand_bytes("name", content, length=4)

    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda: sized_u16(bytes(2**16)), id="sized u16"),
        pytest.param(lambda: count_u8([b""] * 2**8), id="count u8"),
        pytest.param(lambda: count_u16([b""] * 2**16), id="count u16"),
    ],
)
def test_what_is_too_long_for_its_length_is_refused(write: Callable[[], bytes]) -> None:
    with pytest.raises(RequestError, match="must be 0"):
        write()
