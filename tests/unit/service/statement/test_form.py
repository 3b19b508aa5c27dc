import csv
import io

import pytest

from tests.unit.service.statement.papers import november, statement
from tongbao.service.statement.form import as_csv, totals_of, yuan
from tongbao.service.statement.words import Language


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_csv_leads_from_opening_to_closing_with_a_line_per_movement() -> None:
    shown = statement(("received", 250, "Li"), ("payment", -1_200, "Tea, and more"))

    opening, first, second, closing = rows(as_csv(shown, november(), Language.ENGLISH))[1:]

    assert opening == ["2026-11-01 00:00:00", "Opening balance", "", "", "10.00", ""]
    assert first == ["2026-11-01 00:00:01", "money received", "Li", "2.50", "12.50", first[-1]]
    assert second[1:5] == ["payment", "Tea, and more", "-12.00", "0.50"]
    assert len(second[5]) == 64
    assert closing == ["2026-12-01 00:00:00", "Closing balance", "", "", "0.50", ""]


def test_the_csv_is_written_in_chinese_too() -> None:
    heading, opening, first, _closing = rows(as_csv(statement(("refund", 5, "茶馆")), november(), Language.CHINESE))

    assert heading == ["时间", "事项", "对方", "金额（元）", "余额（元）", "交易"]
    assert (opening[1], first[1], first[2]) == ("期初余额", "退款", "茶馆")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_spreadsheet_takes_a_name_for_a_formula(text: str) -> None:
    _heading, _opening, line, _closing = rows(as_csv(statement(("received", 5, text)), november(), Language.ENGLISH))

    assert line[2] == f"'{text}"


def test_totals_tell_what_came_in_and_what_went_out() -> None:
    shown = statement(("received", 250, ""), ("payment", -300, ""), ("refund", 10, ""))

    assert [fen for _, fen in totals_of(shown, Language.ENGLISH)] == [1_000, 260, -300, 960]


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-1_234, "-12.34")])
def test_amounts_are_plain_numbers_of_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text
