"""Amounts are read as people write them, and never rounded."""

import pytest
import typer

from tongbao.coin import VALUE_MAX
from tongbao.service.command_line.amount import parse_yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.50", 1_250),
        ("12.5", 1_250),
        ("12", 1_200),
        ("0.01", 1),
        ("¥8", 800),
        ("￥8", 800),
        ("1,234,567.89", 123_456_789),
        ("007", 700),
        ("1.000", 100),
        (" 3 ", 300),
        ("92233720368547758.07", VALUE_MAX),
    ],
)
def test_yuan_become_fen(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "1e3", "0x10", "NaN", "Infinity", "1,5", "12,50", "1_000", "١٢", "."]
)
def test_what_is_no_amount_is_refused_with_an_example_of_one(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"is no amount: write yuan, as 12\.50"):
        parse_yuan(text)


@pytest.mark.parametrize("text", ["1.001", "0.005", "0.0100000000000000000001"])
def test_fractions_of_a_fen_are_refused_and_not_rounded(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="fractions of a fen"):
        parse_yuan(text)


@pytest.mark.parametrize("text", ["0", "0.00", "-1", "-0.01", "¥-5", "92233720368547758.08", "9" * 25])
def test_an_amount_out_of_range_is_refused_with_the_range(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"out of range: write 0\.01 to 92,233,720,368,547,758"):
        parse_yuan(text)


def test_an_endless_amount_is_refused_before_it_is_read() -> None:
    with pytest.raises(typer.BadParameter, match="is no amount") as refused:
        parse_yuan("9" * 1_000_000)

    assert len(str(refused.value)) < 100
