"""Columns of a file of purchases are taken as named, else inferred, else asked for."""

import pytest

from tongbao.errors import RequestError
from tongbao.service.replay.columns import Unit, infer_columns


def test_the_columns_of_the_grocery_purchases_are_inferred() -> None:
    header = ["paid_at", "basket", "household", "store", "amount_cents", "lines"]

    columns = infer_columns(header, named={}, unit=None, sample=[])

    assert (columns.payer, columns.payee, columns.amount, columns.time) == (
        "household",
        "store",
        "amount_cents",
        "paid_at",
    )
    assert columns.unit is Unit.FEN
    assert columns.inferred == ("payer", "payee", "amount", "time", "unit")


def test_what_the_user_names_is_not_inferred() -> None:
    header = ["a", "b", "c", "d"]
    named = {"payer": "d", "payee": "c", "amount": "b", "time": "a"}

    columns = infer_columns(header, named=named, unit=Unit.YUAN, sample=[])

    assert (columns.payer, columns.payee, columns.amount, columns.time) == ("d", "c", "b", "a")
    assert columns.inferred == ()


def test_a_decimal_point_in_the_amounts_means_yuan() -> None:
    header = ["buyer", "shop", "total", "date"]

    whole = infer_columns(header, named={}, unit=None, sample=[{"total": "150"}])
    pointed = infer_columns(header, named={}, unit=None, sample=[{"total": "150"}, {"total": "1.50"}])

    assert whole.unit is Unit.FEN
    assert pointed.unit is Unit.YUAN


def test_a_currency_in_the_amounts_name_decides_the_unit() -> None:
    header = ["from", "to", "amount_yuan", "time"]

    columns = infer_columns(header, named={}, unit=None, sample=[{"amount_yuan": "150"}])

    assert columns.unit is Unit.YUAN


def test_a_named_column_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(RequestError, match="no column 'who'; it has buyer, shop") as refused:
        infer_columns(["buyer", "shop"], named={"payer": "who"}, unit=None, sample=[])

    assert refused.value.field == "--payer"
    assert refused.value.code == "COLUMN_UNKNOWN"


def test_a_column_that_cannot_be_inferred_is_asked_for() -> None:
    with pytest.raises(RequestError, match="looks like the payee") as refused:
        infer_columns(["buyer", "amount", "time", "x"], named={}, unit=None, sample=[])

    assert refused.value.cure == "name it with --payee COLUMN"


def test_the_description_says_what_was_inferred() -> None:
    columns = infer_columns(["buyer", "shop", "total", "date"], named={"payer": "buyer"}, unit=Unit.FEN, sample=[])

    described = columns.describe()

    assert (
        described
        == "columns: payer=buyer, payee=shop, amount=total, time=date, unit=fen (inferred: payee, amount, time)"
    )
