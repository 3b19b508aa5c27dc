"""A statement's lines as people read them, and its form as CSV."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from tongbao.protocol.statement import Movement, Statement
from tongbao.service.statement.period import Days
from tongbao.service.statement.words import WORDS, Language

__all__ = ["as_csv", "heading_of", "time_in", "totals_of", "yuan"]

_BYTE_ORDER_MARK: Final = "\ufeff"
"""Spreadsheets take a file for UTF-8 only where it begins with this."""

_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def yuan(fen: int) -> str:
    """An amount as a plain number: programs read it, and people do."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def time_in(days: Days, time_ms: int) -> str:
    """A ledger time on the clock of the statement's time zone."""
    return datetime.fromtimestamp(time_ms / 1000, days.zone).strftime("%Y-%m-%d %H:%M:%S")


def heading_of(statement: Statement, days: Days, language: Language) -> list[tuple[str, str]]:
    """Whose account it is, where, and of which days."""
    words = WORDS[language]
    return [
        (words.holder, statement.holder_name),
        (words.account, statement.address),
        (words.institution, f"{statement.institution} ({statement.home})"),
        (words.period, f"{days.first} - {days.last} ({days.zone})"),
    ]


def totals_of(statement: Statement, language: Language) -> list[tuple[str, int]]:
    """Opening balance, what came in, what went out, closing balance."""
    words = WORDS[language]
    amounts = [each.amount_fen for each in statement.movements]
    return [
        (words.opening, statement.opening_fen),
        (words.money_in, sum(amount for amount in amounts if amount > 0)),
        (words.money_out, sum(amount for amount in amounts if amount < 0)),
        (words.closing, statement.closing_fen),
    ]


def as_csv(statement: Statement, days: Days, language: Language) -> bytes:
    """The statement for spreadsheets: one line each for the balances and the movements, in UTF-8 (RFC 4180)."""
    words = WORDS[language]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(words.columns)
    opened, closed = time_in(days, statement.from_ms), time_in(days, statement.until_ms)
    writer.writerow((opened, words.opening, "", "", yuan(statement.opening_fen), ""))
    writer.writerows(_lines(statement.movements, days, language))
    writer.writerow((closed, words.closing, "", "", yuan(statement.closing_fen), ""))
    return (_BYTE_ORDER_MARK + text.getvalue()).encode()


def _lines(movements: list[Movement], days: Days, language: Language) -> Iterator[tuple[str, ...]]:
    for each in movements:
        yield (
            time_in(days, each.time_ms),
            WORDS[language].kind(each.kind),
            _harmless(each.counterparty),
            yuan(each.amount_fen),
            yuan(each.balance_fen),
            "" if each.transaction_id is None else each.transaction_id.hex(),
        )


def _harmless(text: str) -> str:
    """Text that others chose, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text
