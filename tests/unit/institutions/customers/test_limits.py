from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.institution_database import database_of_alice
from tongbao.errors import RefusedError
from tongbao.institutions.customers.limits import (
    demand_room,
    expect,
    on_the_way,
    release,
    stop_expecting,
    take,
    used_before,
)
from tongbao.institutions.policy import LimitCode, Limits, Periods

WALLET = b"w" * 16
DAY = Periods(20260101, 2026)
LIMITS = Limits(single_fen=50, day_fen=100, year_fen=150, balance_fen=100)


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """A database with one wallet that holds 40 fen."""
    with database_of_alice(WALLET, balance_fen=40) as connection:
        yield connection


def taken(connection: sa.Connection, amount: int, periods: Periods = DAY) -> str:
    """The limit that refuses; what a refusal wrote is undone, as the store does."""
    nested = connection.begin_nested()
    try:
        take(connection, WALLET, amount, periods=periods, limits=LIMITS)
    except RefusedError as error:
        nested.rollback()
        return error.code
    nested.commit()
    return ""


def test_room_is_used_up_by_what_is_allowed_and_not_by_what_is_refused(connection: sa.Connection) -> None:
    tomorrow = Periods(20260102, 2026)

    answers = [
        taken(connection, 51),
        taken(connection, 50),
        taken(connection, 40),
        taken(connection, 11),
        taken(connection, 10),
        taken(connection, 50, tomorrow),
        taken(connection, 1, tomorrow),
    ]

    assert answers == [LimitCode.SINGLE, "", "", LimitCode.DAY, "", "", LimitCode.YEAR]


def test_what_is_released_can_be_used_again(connection: sa.Connection) -> None:
    taken(connection, 50)
    taken(connection, 50)
    full = taken(connection, 1)

    release(connection, [(WALLET, DAY, 50)])

    assert (full, taken(connection, 50)) == (LimitCode.DAY, "")
    assert used_before(connection, [WALLET], DAY) == {(WALLET, DAY.day): 100, (WALLET, DAY.year): 100}


def test_it_is_counted_also_where_there_is_no_limit(connection: sa.Connection) -> None:
    take(connection, WALLET, 10**9, periods=DAY, limits=Limits())

    assert used_before(connection, [WALLET], DAY)[WALLET, DAY.year] == 10**9


def room(connection: sa.Connection, amount: int, *, seen_ms: int = 0) -> str:
    try:
        demand_room(connection, WALLET, amount, limits=LIMITS, seen_ms=seen_ms)
    except RefusedError as error:
        return error.code
    return ""


def test_a_wallet_may_be_promised_what_it_may_hold(connection: sa.Connection) -> None:
    expect(connection, [(b"l" * 32, WALLET, 50, 1_000)])

    assert [room(connection, 10), room(connection, 11)] == ["", LimitCode.BALANCE]


def test_what_is_expected_twice_on_one_lock_counts_once(connection: sa.Connection) -> None:
    expect(connection, [(b"l" * 32, WALLET, 50, 1_000)])
    expect(connection, [(b"l" * 32, WALLET, 60, 2_000)])

    assert on_the_way(connection, [WALLET], seen_ms=2_000) == {WALLET: 60}


def test_what_expired_before_the_news_that_were_read_never_came(connection: sa.Connection) -> None:
    expect(connection, [(b"l" * 32, WALLET, 60, 1_000)])

    assert [room(connection, 1, seen_ms=1_000), room(connection, 1, seen_ms=1_001)] == [LimitCode.BALANCE, ""]


def test_what_arrived_is_expected_no_more(connection: sa.Connection) -> None:
    expect(connection, [(b"l" * 32, WALLET, 60, 1_000)])

    stop_expecting(connection, [b"l" * 32, b"other".ljust(32)])

    assert on_the_way(connection, [WALLET], seen_ms=0) == {}


def test_a_wallet_without_a_limit_has_room_for_anything(connection: sa.Connection) -> None:
    demand_room(connection, WALLET, 2**62, limits=Limits(), seen_ms=0)

    assert not on_the_way(connection, [], seen_ms=0)
    assert not used_before(connection, [], DAY)
