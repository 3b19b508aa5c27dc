"""Which coins pay a value."""

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tests.builders import bytes32
from tongbao.vaults.selection import (
    COINS_KEPT,
    COINS_SWEPT,
    CoinsInsufficientError,
    CoinsTooSmallError,
    FreeCoin,
    select_coins,
)


def free(*values: int) -> list[FreeCoin]:
    return sorted(FreeCoin(value, bytes32(number)) for number, value in enumerate(values))


def values(chosen: tuple[FreeCoin, ...]) -> list[int]:
    return [coin.value for coin in chosen]


@pytest.mark.parametrize(
    ("held", "asked", "expected"),
    [
        ([5, 10, 20], 10, [10]),
        ([5, 10, 20], 7, [10]),
        ([5, 10, 20], 1, [5]),
        ([5, 10, 20], 21, [20, 5]),
        ([5, 10, 20], 26, [20, 10]),
        ([5, 10, 20], 31, [20, 10, 5]),
        ([5, 10, 20], 35, [20, 10, 5]),
        ([4, 4, 4, 4], 8, [4, 4]),
    ],
    ids=str,
)
def test_the_first_rule_that_fits_decides(held: list[int], asked: int, expected: list[int]) -> None:
    coins = free(*held)

    chosen = select_coins(coins, asked, inputs_max=256)

    assert values(chosen) == expected


def test_among_coins_of_one_value_the_lowest_id_comes_first() -> None:
    coins = free(7, 7, 7)

    chosen = select_coins(coins, 7, inputs_max=256)

    assert chosen == (min(coins),)


def test_too_little_money_is_said_to_be_so_with_the_sum() -> None:
    with pytest.raises(CoinsInsufficientError, match="36 are asked, and the coins are worth 35") as caught:
        select_coins(free(5, 10, 20), 36, inputs_max=256)

    assert caught.value.code == "COINS_INSUFFICIENT"


@pytest.mark.parametrize("inputs_max", [1, 2, 3])
def test_too_little_money_is_not_called_too_many_coins(inputs_max: int) -> None:
    with pytest.raises(CoinsInsufficientError):
        select_coins(free(5, 10, 20), 36, inputs_max=inputs_max)


def test_too_many_coins_is_said_with_what_can_be_paid_at_once() -> None:
    with pytest.raises(CoinsTooSmallError, match="2 largest coins are worth 30") as caught:
        select_coins(free(5, 10, 20), 31, inputs_max=2)

    assert (caught.value.code, caught.value.cure[:32]) == ("COINS_TOO_SMALL", "pay in parts of at most 30, each")


def test_a_purse_full_of_dust_is_swept_where_change_is_made_anyway() -> None:
    coins = free(*[1] * COINS_KEPT, *[2] * COINS_SWEPT, 1000)

    chosen = select_coins(coins, 500, inputs_max=256)

    assert values(chosen) == [1000] + [1] * COINS_SWEPT


def test_sweeping_keeps_the_usual_number_of_coins_and_the_limit_of_inputs() -> None:
    slightly_over = free(*[1] * COINS_KEPT, 1000, 2000)
    far_over = free(*[1] * 10 * COINS_KEPT, 1000)

    assert values(select_coins(slightly_over, 500, inputs_max=256)) == [1000, 1, 1]
    assert values(select_coins(far_over, 500, inputs_max=4)) == [1000, 1, 1, 1]


def test_an_exact_coin_is_spent_alone_however_much_dust_there_is() -> None:
    coins = free(*[1] * 10 * COINS_KEPT, 1000)

    chosen = select_coins(coins, 1000, inputs_max=256)

    assert values(chosen) == [1000]


@pytest.mark.parametrize(("value", "inputs_max"), [(0, 256), (-1, 256), (1, 0)])
def test_nobody_asks_for_nothing(value: int, inputs_max: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        select_coins(free(1), value, inputs_max=inputs_max)


@given(
    held=st.lists(st.integers(1, 50), max_size=2 * COINS_KEPT),
    asked=st.integers(1, 400),
    inputs_max=st.integers(1, 80),
)
def test_what_is_chosen_covers_the_value_with_no_coin_too_many(held: list[int], asked: int, inputs_max: int) -> None:
    coins = free(*held)
    covered = sum(coin.value for coin in coins[-inputs_max:])

    try:
        chosen = select_coins(coins, asked, inputs_max=inputs_max)
    except CoinsInsufficientError:
        event("insufficient")
        assert sum(held) < asked
        return
    except CoinsTooSmallError:
        event("too small")
        assert covered < asked <= sum(held)
        return

    swept = min(COINS_SWEPT, max(len(coins) - COINS_KEPT, 0))
    exact = asked in held
    needed = chosen if exact else chosen[: len(chosen) - min(swept, len(chosen) - 1)]
    event(f"exact={exact} swept={swept > 0} several={len(needed) > 1}")
    assert sum(values(chosen)) >= asked
    assert len(set(chosen)) == len(chosen) <= inputs_max
    assert set(chosen) <= set(coins)
    assert exact == (values(chosen) == [asked])
    assert sum(values(needed)) - min(values(needed)) < asked  # every coin but the swept is needed
