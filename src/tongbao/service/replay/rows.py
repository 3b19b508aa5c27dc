"""Rows of a file of purchases, read strictly: what cannot be understood is reported by line and left out."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from pathlib import Path

from tongbao.coin import VALUE_MAX
from tongbao.errors import ConfigurationError, RequestError
from tongbao.service.replay.columns import Columns, Unit, infer_columns

__all__ = ["Malformed", "Purchases", "Row", "read_purchases"]

SAMPLE_ROWS = 200  # enough to see whether amounts have a decimal point
NAME_CHARACTERS_MAX = 128  # what a holder's name may have
AMOUNT_CHARACTERS_MAX = 24  # more than the largest amount has, and less than a Decimal calculates with exactly
AMOUNT_EXPONENT_MAX = 20  # likewise; 1e999999 would be a number of a million digits
TIME_MS_MAX = 253_402_128_000_000  # 9999-12-30, the last day that has begun and ended in every time zone
_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH = re.compile(r"[0-9]{9,14}")
EPOCH_MS_FROM = 10**11  # seconds reach this in the year 5138, milliseconds did in 1973


@dataclass(frozen=True, slots=True)
class Row:
    """One purchase.

    Attributes:
        line: in the file, the header being 1.
        payer: as the file names them.
        payee: as the file names them.
        amount_fen: negative for a refund.
        time_ms: milliseconds since 1970 UTC.
    """

    line: int
    payer: str
    payee: str
    amount_fen: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """A row that could not be read.

    Attributes:
        line: in the file, the header being 1.
        reason: what is wrong with it.
    """

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Purchases:
    """What a file holds.

    Attributes:
        columns: how it was read.
        rows: by time, those of one time in the file's order.
        malformed: what was left out.
    """

    columns: Columns
    rows: Sequence[Row]
    malformed: Sequence[Malformed]


def read_purchases(
    path: Path,
    *,
    named: Mapping[str, str | None],
    unit: Unit | None = None,
    scale: int = 1,
    limit: int | None = None,
    zone: tzinfo = UTC,
) -> Purchases:
    """Read the file; amounts are multiplied by `scale`, times without a zone are those of `zone`.

    `limit` reads no more than that many rows.

    Raises:
        ConfigurationError: the file cannot be read.
        RequestError: its columns are not known.
    """
    try:
        # What is no UTF-8 is one row's fault and must not hide the others.
        with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
            return _read(file, named=named, unit=unit, scale=scale, limit=limit, zone=zone)
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error}") from None


def _read(
    file: Iterable[str],
    *,
    named: Mapping[str, str | None],
    unit: Unit | None,
    scale: int,
    limit: int | None,
    zone: tzinfo,
) -> Purchases:
    reader = csv.DictReader(file)
    header = reader.fieldnames = _header(reader)
    numbered = _records(reader)
    first = list(islice(numbered, SAMPLE_ROWS))
    columns = infer_columns(header, named=named, unit=unit, sample=[_fields(record) for _, record in first])
    rows: list[Row] = []
    malformed: list[Malformed] = []
    for line, record in islice(chain(first, numbered), limit):
        try:
            rows.append(_read_row(line, record, columns, scale=scale, zone=zone))
        except ValueError as error:
            malformed.append(Malformed(line, str(error)))
    rows.sort(key=lambda row: row.time_ms)
    return Purchases(columns, rows, malformed)


def _header(reader: "csv.DictReader[str]") -> list[str]:
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
    except csv.Error as error:
        raise _headless(f"the first line is no header: {error}") from None
    if not header:
        raise _headless("the file is empty", code="FILE_EMPTY")
    if not all(map(_is_text, header)):
        raise _headless("the first line is not UTF-8")
    return header


def _headless(message: str, *, code: str = "FILE_MALFORMED") -> RequestError:
    return RequestError(message, field="FILE", cure="give a CSV file in UTF-8 with a header", code=code)


def _is_text(text: str) -> bool:
    """Whether the text is what the file says, and not bytes that are no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_Record = Mapping[str | None, str | None]
"""A row by column; a field too many stands under None, and one too few is None."""


def _records(reader: "csv.DictReader[str]") -> Iterator[tuple[int, _Record]]:
    """Each row with its line; of a row that is no CSV nothing but the line."""
    while True:
        try:
            record: _Record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            record = {}
        yield reader.reader.line_num, record


def _fields(record: _Record) -> dict[str, str]:
    """The fields that are there and have a column."""
    return {name: text for name, text in record.items() if name is not None and text is not None}


def _read_row(line: int, record: _Record, columns: Columns, *, scale: int, zone: tzinfo) -> Row:
    fields = _fields(record)
    if not fields:
        raise ValueError("it is no row of a CSV file")
    if len(fields) != len(record):
        raise ValueError("it has more or fewer fields than the header")
    if not all(map(_is_text, fields.values())):
        raise ValueError("it is not UTF-8")
    payer, payee = _name(fields, columns.payer), _name(fields, columns.payee)
    amount_fen = _amount_fen(fields[columns.amount].strip(), columns.unit) * scale
    if abs(amount_fen) > VALUE_MAX:
        raise ValueError(f"amount {amount_fen} fen exceeds {VALUE_MAX}")
    return Row(line, payer, payee, amount_fen, _time_ms(fields[columns.time].strip(), zone))


def _name(record: Mapping[str, str], column: str) -> str:
    name = record[column].strip()
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX:
        raise ValueError(f"{column} must have 1..{NAME_CHARACTERS_MAX} characters")
    return name


def _amount_fen(text: str, unit: Unit) -> int:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"amount {_shown(text)} is not a number") from None
    if not amount.is_finite():
        raise ValueError(f"amount {_shown(text)} is not a number")
    if len(text) > AMOUNT_CHARACTERS_MAX or amount.adjusted() > AMOUNT_EXPONENT_MAX:
        raise ValueError(f"amount {_shown(text)} exceeds every amount, or has more digits than any")
    fen = amount * 100 if unit is Unit.YUAN else amount
    if fen != fen.to_integral_value():
        raise ValueError(f"amount {text!r} {unit} has fractions of a fen")
    return int(fen)


def _shown(text: str) -> str:
    """The text as it may stand in a report: no longer than it helps."""
    return repr(text if len(text) <= AMOUNT_CHARACTERS_MAX else text[:AMOUNT_CHARACTERS_MAX] + "...")


def _time_ms(text: str, zone: tzinfo) -> int:
    if _EPOCH.fullmatch(text):
        number = int(text)
        return number if number >= EPOCH_MS_FROM else number * 1000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"time {_shown(text)} is neither ISO 8601 nor seconds since 1970") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    milliseconds = (moment - _1970) // timedelta(milliseconds=1)
    if not 0 <= milliseconds <= TIME_MS_MAX:
        raise ValueError(f"time {text!r} is before 1970" if milliseconds < 0 else f"time {text!r} is after 9999")
    return milliseconds
