from datetime import UTC, date, datetime
from itertools import islice

import pytest

from tongbao.errors import RequestError
from tongbao.wallets.schedule import Every, Schedule, read_zone

SHANGHAI = read_zone("Asia/Shanghai")


def days(first: str, every: Every, times: int | None, *, shown: int = 20) -> list[str]:
    schedule = Schedule(date.fromisoformat(first), every, times, SHANGHAI)
    return [day.isoformat() for _, day in islice(schedule.days(), shown)]


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        (Every.DAY, ["2026-02-27", "2026-02-28", "2026-03-01"]),
        (Every.WEEK, ["2026-02-27", "2026-03-06", "2026-03-13"]),
        (Every.MONTH, ["2026-02-27", "2026-03-27", "2026-04-27"]),
    ],
)
def test_a_plan_pays_as_often_as_it_says(every: Every, expected: list[str]) -> None:
    assert days("2026-02-27", every, 3) == expected


def test_once_is_once() -> None:
    assert days("2026-02-27", Every.ONCE, 5) == ["2026-02-27"]


def test_the_31st_is_the_last_day_of_a_shorter_month_and_comes_back() -> None:
    found = days("2027-12-31", Every.MONTH, 4)

    assert found == ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]


@pytest.mark.parametrize(("first", "every"), [("9999-12-30", Every.DAY), ("9999-10-31", Every.MONTH)])
def test_a_plan_without_end_ends_with_the_calendar(first: str, every: Every) -> None:
    assert len(days(first, every, None)) == 2


def test_a_day_begins_where_the_holder_lives() -> None:
    day = date(2026, 11, 30)
    found = {name: Schedule(day, Every.ONCE, None, read_zone(name)).begins_ms(day) for name in ("Asia/Shanghai", "UTC")}

    assert found["UTC"] == datetime(2026, 11, 30, tzinfo=UTC).timestamp() * 1000
    assert found["UTC"] - found["Asia/Shanghai"] == 8 * 3_600_000


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_zone(name)

    assert (refused.value.code, refused.value.field) == ("ZONE_UNKNOWN", "zone")
