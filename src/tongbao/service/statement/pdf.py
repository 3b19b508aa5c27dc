"""A statement as PDF, to print or to hand in.

Chinese is set in STSong-Light, one of the fonts that PDF readers bring along, so that neither this program nor each
statement carries ten megabytes of glyphs; Latin letters and figures are set in Helvetica, which every reader has.
"""

import io
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from tongbao.protocol.statement import Statement
from tongbao.service.statement.form import heading_of, time_in, totals_of, yuan
from tongbao.service.statement.period import Days
from tongbao.service.statement.words import WORDS, Language, Words

__all__ = ["as_pdf"]

_LATIN: Final = "Helvetica"
_HAN: Final = "STSong-Light"
_MARGIN: Final = 16 * mm
_WIDTHS: Final = tuple(width * mm for width in (32, 34, 46, 24, 24, 18))
_NUMBER_COLUMNS: Final = (3, 4)
_SHORT_ID: Final = 8
"""Letters of a transaction's id: on paper only a hint, the whole stands in the CSV."""

_TEXT: Final = ParagraphStyle("text", fontName=_LATIN, fontSize=8, leading=11, wordWrap="CJK")
_FIGURE: Final = ParagraphStyle("figure", parent=_TEXT, alignment=2)
_TITLE: Final = ParagraphStyle("title", parent=_TEXT, fontSize=15, leading=22)
_RULES: Final = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.2, colors.lightgrey),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
)


def as_pdf(statement: Statement, days: Days, language: Language) -> bytes:
    """The statement on A4; the same statement is the same bytes."""
    pdfmetrics.registerFont(UnicodeCIDFont(_HAN))
    words = WORDS[language]
    title = words.titles[statement.account]
    content = io.BytesIO()
    document = SimpleDocTemplate(
        content,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        author=statement.institution,
        invariant=1,
    )

    def number(canvas: Canvas, _document: object) -> None:
        text = Paragraph(_marked(f"{words.page} {canvas.getPageNumber()}"), _FIGURE)
        text.wrapOn(canvas, 40 * mm, 10 * mm)
        text.drawOn(canvas, A4[0] - _MARGIN - 40 * mm, 8 * mm)

    story: list[Flowable] = [
        Paragraph(_marked(title), _TITLE),
        _pairs(heading_of(statement, days, language)),
        Spacer(1, 4 * mm),
        _pairs([(name, yuan(fen)) for name, fen in totals_of(statement, language)]),
        Spacer(1, 4 * mm),
        _movements(statement, days, words),
        Spacer(1, 4 * mm),
        Paragraph(_marked(words.final if statement.final else words.not_final), _TEXT),
        Paragraph(_marked(words.proof), _TEXT),
    ]
    document.build(story, onFirstPage=number, onLaterPages=number)
    return content.getvalue()


def _pairs(pairs: Sequence[tuple[str, str]]) -> Table:
    rows = [[Paragraph(_marked(name), _TEXT), Paragraph(_marked(value), _TEXT)] for name, value in pairs]
    return Table(rows, colWidths=[40 * mm, 138 * mm], hAlign="LEFT")


def _movements(statement: Statement, days: Days, words: Words) -> Table:
    rows: list[Sequence[str]] = [words.columns]
    rows += [
        (
            time_in(days, each.time_ms),
            words.kind(each.kind),
            each.counterparty,
            yuan(each.amount_fen),
            yuan(each.balance_fen),
            "" if each.transaction_id is None else each.transaction_id.hex()[:_SHORT_ID],
        )
        for each in statement.movements
    ]
    cells: list[list[Any]] = [[_cell(text, column) for column, text in enumerate(row)] for row in rows]
    return Table(cells, colWidths=_WIDTHS, style=_RULES, repeatRows=1, hAlign="LEFT")


def _cell(text: str, column: int) -> Paragraph:
    return Paragraph(_marked(text), _FIGURE if column in _NUMBER_COLUMNS else _TEXT)


def _marked(text: str) -> str:
    """The text with its Chinese parts set in the font that has them."""
    parts = []
    for is_latin, letters in groupby(text, key=_in_latin_font):
        part = escape("".join(letters))
        parts.append(part if is_latin else f'<font name="{_HAN}">{part}</font>')
    return "".join(parts)


def _in_latin_font(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
