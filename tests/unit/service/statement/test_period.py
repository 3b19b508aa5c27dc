from datetime import UTC, date, datetime

import pytest

from tests.unit.service.statement.papers import SHANGHAI
from tongbao.errors import RequestError
from tongbao.service.statement.period import read_days


def ms(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1000


def test_a_month_is_from_its_first_midnight_to_that_of_the_next_month() -> None:
    days = read_days("2026-02", None, None, zone=SHANGHAI, now_ms=0)

    assert (days.first, days.last) == (date(2026, 2, 1), date(2026, 2, 28))
    assert (days.from_ms, days.until_ms) == (ms(2026, 1, 31, 16), ms(2026, 2, 28, 16))


def test_december_ends_with_the_year() -> None:
    assert read_days("2026-12", None, None, zone=UTC, now_ms=0).until_ms == ms(2027, 1, 1)


def test_the_month_is_the_present_one_where_nothing_is_said() -> None:
    days = read_days(None, None, None, zone=SHANGHAI, now_ms=ms(2026, 10, 31, 20))

    assert (days.first, days.last) == (date(2026, 11, 1), date(2026, 11, 30))


def test_both_days_that_are_named_are_included() -> None:
    days = read_days(None, "2026-03-28", "2026-03-29", zone=UTC, now_ms=0)

    assert (days.from_ms, days.until_ms) == (ms(2026, 3, 28), ms(2026, 3, 30))


@pytest.mark.parametrize(
    ("month", "first", "last", "field"),
    [
        ("2026-13", None, None, "month"),
        ("now", None, None, "month"),
        ("2026-11", "2026-11-01", None, "month"),
        (None, "2026-11-01", None, "from"),
        (None, None, "2026-11-01", "from"),
        (None, "2026-11-31", "2026-12-01", "from"),
        (None, "2026-11-02", "2026-11-01", "to"),
        (None, "1969-01-02", "1969-11-01", "from"),
        ("1960-01", None, None, "from"),
    ],
)
def test_what_are_no_days_is_refused_and_named(
    month: str | None, first: str | None, last: str | None, field: str
) -> None:
    with pytest.raises(RequestError) as refused:
        read_days(month, first, last, zone=SHANGHAI, now_ms=0)

    assert (refused.value.code, refused.value.field) == ("PERIOD_WRONG", field)
