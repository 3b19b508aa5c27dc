"""Rows of a file of purchases, read strictly: what cannot be understood is reported by line and left out."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path

from tongbao.coin import VALUE_MAX
from tongbao.errors import ConfigurationError, RequestError
from tongbao.service.replay.columns import Columns, Unit, infer_columns

__all__ = ["Malformed", "Purchases", "Row", "read_purchases"]

SAMPLE_ROWS = 200  # enough to see whether amounts have a decimal point
NAME_CHARACTERS_MAX = 128  # what a holder's name may have
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
        with path.open(newline="", encoding="utf-8-sig") as file:
            return _read(file, named=named, unit=unit, scale=scale, limit=limit, zone=zone)
    except (OSError, UnicodeDecodeError) as error:
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
    reader = csv.DictReader(file, restkey="", restval=None)
    if not reader.fieldnames:
        raise RequestError("the file is empty", field="FILE", cure="give a CSV file with a header", code="FILE_EMPTY")
    header = [name.strip() for name in reader.fieldnames]
    reader.fieldnames = header
    numbered = ((reader.line_num, record) for record in reader)
    first = list(islice(numbered, SAMPLE_ROWS))
    columns = infer_columns(header, named=named, unit=unit, sample=[record for _, record in first])
    rows: list[Row] = []
    malformed: list[Malformed] = []
    for line, record in islice(_chain(first, numbered), limit):
        try:
            rows.append(_read_row(line, record, columns, scale=scale, zone=zone))
        except ValueError as error:
            malformed.append(Malformed(line, str(error)))
    rows.sort(key=lambda row: row.time_ms)
    return Purchases(columns, rows, malformed)


def _chain(
    first: Iterable[tuple[int, Mapping[str, str]]], rest: Iterable[tuple[int, Mapping[str, str]]]
) -> Iterable[tuple[int, Mapping[str, str]]]:
    yield from first
    yield from rest


def _read_row(line: int, record: Mapping[str, str], columns: Columns, *, scale: int, zone: tzinfo) -> Row:
    if "" in record or None in record.values():
        raise ValueError("it has more or fewer fields than the header")
    payer, payee = _name(record, columns.payer), _name(record, columns.payee)
    amount_fen = _amount_fen(record[columns.amount].strip(), columns.unit) * scale
    if abs(amount_fen) > VALUE_MAX:
        raise ValueError(f"amount {amount_fen} fen exceeds {VALUE_MAX}")
    return Row(line, payer, payee, amount_fen, _time_ms(record[columns.time].strip(), zone))


def _name(record: Mapping[str, str], column: str) -> str:
    name = record[column].strip()
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX:
        raise ValueError(f"{column} must have 1..{NAME_CHARACTERS_MAX} characters")
    return name


def _amount_fen(text: str, unit: Unit) -> int:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"amount {text!r} is not a number") from None
    if not amount.is_finite():
        raise ValueError(f"amount {text!r} is not a number")
    fen = amount * 100 if unit is Unit.YUAN else amount
    if fen != fen.to_integral_value():
        raise ValueError(f"amount {text!r} {unit} has fractions of a fen")
    return int(fen)


def _time_ms(text: str, zone: tzinfo) -> int:
    if _EPOCH.fullmatch(text):
        number = int(text)
        return number if number >= EPOCH_MS_FROM else number * 1000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"time {text!r} is neither ISO 8601 nor seconds since 1970") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    milliseconds = int(moment.timestamp() * 1000)
    if milliseconds < 0:
        raise ValueError(f"time {text!r} is before 1970")
    return milliseconds
