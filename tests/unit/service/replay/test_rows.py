"""Rows of purchases are read strictly; what cannot be understood is reported by line and stops nothing."""

from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from tongbao.errors import ConfigurationError, RequestError
from tongbao.service.replay.columns import Unit
from tongbao.service.replay.rows import read_purchases

CHINA = timezone(timedelta(hours=8))
HEADER = "buyer,shop,total,when\n"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "purchases.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_ascend_by_time_and_keep_the_files_order_within_one(tmp_path: Path) -> None:
    text = HEADER + "a,x,1,2020-01-02 00:00:00\nb,x,2,2020-01-01 00:00:00\nc,x,3,2020-01-01 00:00:00\n"

    purchases = read_purchases(_file(tmp_path, text), named={})

    assert [row.payer for row in purchases.rows] == ["b", "c", "a"]
    assert [row.line for row in purchases.rows] == [3, 4, 2]


def test_yuan_become_fen_and_scale_multiplies(tmp_path: Path) -> None:
    text = HEADER + "a,x,12.30,2020-01-01\nb,y,-1.5,2020-01-02\n"

    purchases = read_purchases(_file(tmp_path, text), named={}, scale=400)

    assert [row.amount_fen for row in purchases.rows] == [492_000, -60_000]


def test_times_without_a_zone_are_those_of_the_policys_zone(tmp_path: Path) -> None:
    text = HEADER + "a,x,1,2020-01-01 08:00:00\n"

    there = read_purchases(_file(tmp_path, text), named={}, zone=CHINA)
    here = read_purchases(_file(tmp_path, text), named={}, zone=UTC)

    assert here.rows[0].time_ms - there.rows[0].time_ms == 8 * 3600 * 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1577836800", 1_577_836_800_000),
        ("1577836800123", 1_577_836_800_123),
        ("2020-01-01T00:00:00Z", 1_577_836_800_000),
        ("2020-01-01T08:00:00+08:00", 1_577_836_800_000),
        ("2020-01-01", 1_577_836_800_000),
    ],
)
def test_times_are_iso_8601_or_counted_from_1970(tmp_path: Path, text: str, expected: int) -> None:
    purchases = read_purchases(_file(tmp_path, HEADER + f"a,x,1,{text}\n"), named={}, zone=UTC)

    assert purchases.rows[0].time_ms == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,x,1", "more or fewer fields"),
        ("a,x,1,2020-01-01,z", "more or fewer fields"),
        (",x,1,2020-01-01", "buyer must have 1..128 characters"),
        ("a,,1,2020-01-01", "shop must have 1..128 characters"),
        ("a,x,one,2020-01-01", "'one' is not a number"),
        ("a,x,nan,2020-01-01", "'nan' is not a number"),
        ("a,x,1.005,2020-01-01", "fractions of a fen"),
        ("a,x,1e30,2020-01-01", "exceeds"),
        ("a,x,1,yesterday", "neither ISO 8601 nor seconds"),
        ("a,x,1,1969-01-01", "before 1970"),
        ("a,x,1,9999-12-31T23:59:59-12:00", "after 9999"),
        ("a,x,1e999999,2020-01-01", "exceeds every amount"),
        ("a,x,1.0000000000000000000000000000001,2020-01-01", "more digits than any"),
        (f"a,{'x' * 200_000},1,2020-01-01", "no row of a CSV file"),
    ],
)
def test_a_malformed_row_is_reported_with_its_line_and_does_not_stop_the_others(
    tmp_path: Path, row: str, reason: str
) -> None:
    text = HEADER + f"a,x,1.00,2020-01-01\n{row}\nb,y,2.00,2020-01-01\n"

    purchases = read_purchases(_file(tmp_path, text), named={}, unit=Unit.YUAN, zone=UTC)

    assert [row.payer for row in purchases.rows] == ["a", "b"]
    assert [malformed.line for malformed in purchases.malformed] == [3]
    assert reason in purchases.malformed[0].reason
    assert len(purchases.malformed[0].reason) < 120


def test_a_row_that_is_not_utf_8_is_malformed_and_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_bytes(HEADER.encode() + b"a,caf\xe9,1,2020-01-01\nb,caf\xc3\xa9,2,2020-01-01\n")

    purchases = read_purchases(path, named={})

    assert [(each.line, each.reason) for each in purchases.malformed] == [(2, "it is not UTF-8")]
    assert [row.payee for row in purchases.rows] == ["café"]


def test_a_first_column_without_a_name_is_let_be(tmp_path: Path) -> None:
    text = ",buyer,shop,total,when\n0,a,x,1,2020-01-01\n"

    purchases = read_purchases(_file(tmp_path, text), named={})

    assert (len(purchases.rows), purchases.malformed) == (1, [])


def test_milliseconds_are_never_rounded(tmp_path: Path) -> None:
    text = HEADER + "".join(f"a,x,1,2020-01-01T00:00:00.{n:03}\n" for n in range(1000))

    purchases = read_purchases(_file(tmp_path, text), named={})

    assert [row.time_ms % 1000 for row in purchases.rows] == list(range(1000))


@pytest.mark.parametrize("content", [b"caf\xe9,b,c\n", b'"' + b"x" * 200_000])
def test_a_file_whose_first_line_is_no_header_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "purchases.csv"
    path.write_bytes(content)

    with pytest.raises(RequestError, match="the first line is no"):
        read_purchases(path, named={})


def test_a_limit_reads_no_more_rows(tmp_path: Path) -> None:
    text = HEADER + "".join(f"a,x,{n},2020-01-01\n" for n in range(1, 500))

    purchases = read_purchases(_file(tmp_path, text), named={}, limit=300)

    assert len(purchases.rows) == 300


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="empty"):
        read_purchases(_file(tmp_path, ""), named={})


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read .*absent\.csv"):
        read_purchases(tmp_path / "absent.csv", named={})
