"""Coins and their openings."""

import pytest

from tests.builders import ALICE, DOMAIN, bytes32, coin, spend
from tests.decoders import DECODERS
from tongbao.coin import VALUE_MAX, Coin, Input
from tongbao.coin.coin import COIN_BYTES, INPUT_BYTES
from tongbao.errors import RequestError


@pytest.mark.parametrize("value", [0, -1, VALUE_MAX + 1, 2**64])
def test_a_value_out_of_range_is_refused_by_its_own_code(value: int) -> None:
    with pytest.raises(RequestError) as refused:
        Coin(0, value, 1, bytes(32))

    assert (refused.value.code, refused.value.field) == ("VALUE_OUT_OF_RANGE", "value")
    assert refused.value.cure


@pytest.mark.parametrize("value", [1, VALUE_MAX])
def test_a_value_in_range_is_kept(value: int) -> None:
    made = Coin(0, value, 1, bytes(32))

    assert DECODERS["coin"].decode(made.encode()) == made


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ((2**32, 1, 1, bytes(32)), "asset"),
        ((0, 1, -1, bytes(32)), "home"),
        ((0, 1, 1, bytes(31)), "lock_id"),
        ((0, 1, 1, bytes(33)), "lock_id"),
    ],
)
def test_a_coin_that_no_layout_holds_is_refused(fields: tuple[int, int, int, bytes], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        Coin(*fields)

    assert refused.value.field == named


@pytest.mark.parametrize(
    ("origin", "index", "named"),
    [(bytes(31), 0, "origin"), (bytes(32), 2**16, "index"), (bytes(32), -1, "index")],
)
def test_an_opening_that_no_layout_holds_is_refused(origin: bytes, index: int, named: str) -> None:
    with pytest.raises(RequestError) as refused:
        Input(origin, index, coin(1, owner=ALICE))

    assert refused.value.field == named


def test_sizes_are_those_of_the_layouts() -> None:
    opened = spend(500, owner=ALICE).input

    assert (len(opened.coin.encode()), len(opened.encode())) == (COIN_BYTES, INPUT_BYTES) == (48, 82)


def test_a_coin_has_the_id_that_its_opening_has() -> None:
    made = coin(500, owner=ALICE)

    assert made.id(DOMAIN, origin=bytes32(1), index=3) == Input(bytes32(1), 3, made).coin_id(DOMAIN)
