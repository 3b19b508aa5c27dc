"""Codes of other schemes are read whole and written back as they were; what was misread is never paid."""

from pathlib import Path

import pytest

from tongbao.errors import RequestError
from tongbao.protocol.emvco import PAYLOAD_CHARACTERS_MAX, DataObject, Payload

SHARED = Path(__file__).resolve().parents[4] / "shared/data/qr"

# The example of EMVCo's own specification.
EXAMPLE = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT"
    "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME9132001"
    "6A0112233449988770708123456786304A13A"
)


def lines(name: str) -> list[str]:
    """The codes of a file of other people's test suites."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path.read_text(encoding="utf-8").splitlines()


def refusal(text: str) -> str:
    """The code with which a text is refused; "" where it is not."""
    try:
        Payload.parse(text)
    except RequestError as error:
        return error.code
    return ""


def test_the_specifications_example_is_read() -> None:
    payload = Payload.parse(EXAMPLE)

    assert (payload.value("54"), payload.value("59"), payload.value("61")) == ("23.72", "BEST TRANSPORT", None)
    assert payload.template("64") == (DataObject("00", "ZH"), DataObject("01", "最佳运输"), DataObject("02", "北京"))


def test_every_code_of_other_test_suites_with_a_right_checksum_is_read_and_written_back() -> None:
    codes = lines("mpm_payloads_crc_ok.txt")

    written = [str(Payload.parse(code)) for code in codes]

    assert len(codes) >= 18
    assert written == codes


def test_every_code_of_other_test_suites_with_a_wrong_checksum_is_refused() -> None:
    codes = lines("mpm_payloads_crc_bad.txt")

    refused = [refusal(code) for code in codes]

    assert refused == ["QR_CHECKSUM"] * 4


def test_a_code_in_which_one_character_was_misread_is_refused() -> None:
    for place, character in enumerate(EXAMPLE):
        misread = EXAMPLE[:place] + ("7" if character != "7" else "1") + EXAMPLE[place + 1 :]

        assert refusal(misread) in {"QR_CHECKSUM", "QR_MALFORMED"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "QR_MALFORMED"),
        ("tb1qyqqqqqp347qylt5gu3p7hnfwppwf227yu2hxg5f", "QR_MALFORMED"),
        ("0002010102116304", "QR_MALFORMED"),
        ("000201" + "6304", "QR_MALFORMED"),
        ("9" * (PAYLOAD_CHARACTERS_MAX + 1), "QR_MALFORMED"),
        ("000201\ud8006304AAAA", "QR_MALFORMED"),
        ("0002010102116304zzzz", "QR_CHECKSUM"),
    ],
)
def test_what_is_no_code_is_refused_by_its_name(text: str, code: str) -> None:
    assert refusal(text) == code


@pytest.mark.parametrize("inside", ["5", "5x03abc", "5905ab", "59011591A", "5901a5901a"])
def test_objects_that_do_not_follow_each_other_are_refused_though_the_checksum_fits(inside: str) -> None:
    class Raw(Payload):
        """A payload whose objects are any text."""

    wrong = str(Raw((_Text(inside),)))

    assert refusal(wrong) == "QR_MALFORMED"


class _Text(DataObject):
    """Any text in the place of an object."""

    __slots__ = ()

    def __init__(self, text: str) -> None:
        super().__init__("", text)

    def __str__(self) -> str:
        return self.value


def test_a_value_has_at_most_99_characters() -> None:
    longest = Payload((DataObject("59", "x" * 99),))

    with pytest.raises(RequestError) as caught:
        str(Payload((DataObject("59", "x" * 100),)))

    assert Payload.parse(str(longest)) == longest
    assert caught.value.code == "QR_TOO_LONG"


def test_a_checksum_may_be_written_in_small_letters() -> None:
    assert Payload.parse(EXAMPLE[:-4] + EXAMPLE[-4:].lower()) == Payload.parse(EXAMPLE)
