"""PDF keeps its text in compressed streams: here they are opened, and the text is put together again."""

import re
import zlib
from base64 import a85decode

import pytest

from tests.unit.service.statement.papers import november, statement
from tongbao.service.statement.pdf import as_pdf
from tongbao.service.statement.words import Language

STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
SHOWN = re.compile(rb"\((.*?)(?<!\\)\) Tj", re.DOTALL)
ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)


def plain(match: re.Match[bytes]) -> bytes:
    found = match.group(1)
    return bytes([int(found, 8)]) if len(found) == 3 else found


def pieces(pdf: bytes) -> list[bytes]:
    """Everything that is drawn as text, as its bytes in the font's encoding."""
    drawn = []
    for stream in STREAM.findall(pdf):
        page = zlib.decompress(a85decode(b"<~" + stream.strip(), adobe=True))
        drawn += [ESCAPED.sub(plain, piece) for piece in SHOWN.findall(page)]
    return drawn


def text(pdf: bytes) -> str:
    """The text; Chinese stands in UTF-16, Latin in one byte per letter."""
    return "".join(
        piece.decode("utf-16-be") if b"\x00" in piece or any(byte > 0x7F for byte in piece) else piece.decode()
        for piece in pieces(pdf)
    )


def test_a_statement_of_a_hundred_movements_goes_over_several_numbered_pages() -> None:
    shown = statement(*[("received", 5, f"payer {number}") for number in range(100)])

    pdf = as_pdf(shown, november(), Language.ENGLISH)

    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 3
    assert all(part in text(pdf) for part in ("Page 3", "payer 0", "payer 99", "Opening balance", "15.00", "Final"))


def test_names_in_chinese_and_what_looks_like_markup_are_set_as_they_are() -> None:
    pdf = as_pdf(statement(("payment", -5, "茶馆 <b>&amp;")), november(), Language.CHINESE)

    shown = text(pdf)
    assert all(part in shown for part in ("数字货币钱包对账单", "王芳", "茶馆", "<b>&amp;", "付款", "期末余额"))
    assert b"/STSong-Light" in pdf


@pytest.mark.parametrize("language", Language)
def test_the_same_statement_is_the_same_bytes(language: Language) -> None:
    shown = statement(("received", 5, "Li"))

    assert as_pdf(shown, november(), language) == as_pdf(shown, november(), language)
