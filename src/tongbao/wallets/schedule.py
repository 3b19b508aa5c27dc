"""On which days a plan pays: pure arithmetic of the calendar in the zone of the plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tongbao.errors import RequestError

__all__ = ["Every", "Schedule", "read_zone"]

_MONTHS: Final = 12
_MS_PER_S: Final = 1000
YEAR_LAST: Final = 9999
"""What a calendar can count; a plan without an end ends there."""


class Every(StrEnum):
    """How often a plan pays."""

    ONCE = "once"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_DAYS: Final = {Every.DAY: 1, Every.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Schedule:
    """The days of a plan.

    Attributes:
        first: the first day.
        every: how often from then on; monthly on the 31st is on the last day of a shorter month.
        times: how often in all; None for no end.
        zone: where a day begins.
    """

    first: date
    every: Every
    times: int | None
    zone: ZoneInfo

    def days(self) -> Iterator[tuple[int, date]]:
        """Each payment's number, from 1, and its day."""
        last = 1 if self.every is Every.ONCE else self.times
        for number in count(1):
            day = self._day(number) if last is None or number <= last else None
            if day is None:
                return
            yield number, day

    def _day(self, number: int) -> date | None:
        """The day of a payment; None where the calendar has ended."""
        if self.every is Every.ONCE:
            return self.first
        if self.every is Every.MONTH:
            return self._monthly(self.first.year * _MONTHS + self.first.month - 1 + number - 1)
        step = timedelta(days=_DAYS[self.every] * (number - 1))
        return self.first + step if date.max - self.first >= step else None

    def _monthly(self, months: int) -> date | None:
        year, month = months // _MONTHS, months % _MONTHS + 1
        if year > YEAR_LAST or (year, month) == (YEAR_LAST, _MONTHS):
            return None
        following = date((months + 1) // _MONTHS, (months + 1) % _MONTHS + 1, 1)
        return date(year, month, min(self.first.day, (following - timedelta(days=1)).day))

    def begins_ms(self, day: date) -> int:
        """The ledger time at which a day begins."""
        return int(datetime.combine(day, time(), self.zone).timestamp()) * _MS_PER_S


def read_zone(name: str) -> ZoneInfo:
    """The time zone of that name; raises ZONE_UNKNOWN."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RequestError(
            f"{name} is no time zone", code="ZONE_UNKNOWN", field="zone", cure="name one as Asia/Shanghai"
        ) from None
