"""Which days a statement is about: people name days and months of their time zone, the ledger counts milliseconds."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from tongbao.errors import RequestError

__all__ = ["Days", "read_days"]

_MS_PER_S = 1000
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included, in a time zone."""

    first: date
    last: date
    zone: tzinfo

    @property
    def from_ms(self) -> int:
        """When the first day begins."""
        return _begins_ms(self.first, self.zone)

    @property
    def until_ms(self) -> int:
        """When the day after the last begins."""
        return _begins_ms(self.last + timedelta(days=1), self.zone)


def read_days(month: str | None, first: str | None, last: str | None, *, zone: tzinfo, now_ms: int) -> Days:
    """The days that somebody named: a month, or a first and a last day; the month of `now_ms` where nothing is said.

    Raises:
        RequestError: PERIOD_WRONG where these are no days, or none.
    """
    if month is not None and (first is not None or last is not None):
        raise _wrong("month", "a month is given, and days besides", "give --month, or --from and --to")
    if first is None and last is None:
        today = datetime.fromtimestamp(now_ms / _MS_PER_S, zone).date()
        return _demand_known(_month(today.replace(day=1) if month is None else _date("month", f"{month}-01"), zone))
    if first is None or last is None:
        raise _wrong("from", "a first or a last day is missing", "give both --from and --to")
    days = Days(_date("from", first), _date("to", last), zone)
    if days.first > days.last:
        raise _wrong("to", f"{days.last} is before {days.first}", "let --to name the last day")
    return _demand_known(days)


def _demand_known(days: Days) -> Days:
    if days.from_ms < 0:
        raise _wrong("from", f"{days.first} is before 1970", "begin in 1970 or later")
    return days


def _month(first: date, zone: tzinfo) -> Days:
    year, month = (first.year + 1, 1) if first.month == _DECEMBER else (first.year, first.month + 1)
    return Days(first, date(year, month, 1) - timedelta(days=1), zone)


def _date(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(field, f"{text} is no date", "write days as 2026-11-22 and months as 2026-11") from None


def _begins_ms(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time(), zone).astimezone(UTC).timestamp()) * _MS_PER_S


def _wrong(field: str, why: str, cure: str) -> RequestError:
    return RequestError(f"these are no days of a statement: {why}", code="PERIOD_WRONG", field=field, cure=cure)
