"""Which coins pay a value: a pure rule, so that the same coins and the same value always give the same answer.

The first of these that fits decides; among coins of one value the lowest coin id comes first:

1. One coin of just the value: one signature, and no change that would tie the next payment to this one.
2. The smallest coin that covers the value alone: one signature, and the large coins stay whole for other payments.
3. The largest coins, one after another, until they cover the value: as few signatures as possible. The last of them
   is then exchanged for the smallest that still covers what is missing.

Where change is made anyway (2 and 3) and the purse has grown past `COINS_KEPT`, up to `COINS_SWEPT` of its smallest
coins are spent along with them. So whoever throws coins of one fen at a purse cannot make it unusable: the more it
holds, the more each payment sweeps into one coin of change, and choosing costs a search, not a walk. A purse that is
smaller is left alone, because coins that are spent together can be seen to belong together.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from tongbao.errors import RefusedError

__all__ = ["CoinsInsufficientError", "CoinsTooSmallError", "FreeCoin", "choose_fitting", "select_coins"]

COINS_KEPT = 64
"""How many coins a purse keeps before payments sweep: change of every size, and still found at a glance."""

COINS_SWEPT = 8
"""How many small coins one payment sweeps: below half a millisecond of signing, and eight times what it adds."""


class FreeCoin(NamedTuple):
    """A coin that may be chosen; these sort by value, then by id."""

    value: int
    coin_id: bytes


class CoinsInsufficientError(RefusedError):
    """All coins together are worth less than is asked."""

    code = "COINS_INSUFFICIENT"


class CoinsTooSmallError(RefusedError):
    """There is enough, but in more coins than one transaction may spend."""

    code = "COINS_TOO_SMALL"


def select_coins(free: Sequence[FreeCoin], value: int, *, inputs_max: int) -> tuple[FreeCoin, ...]:
    """Choose coins worth at least `value` from `free`, which ascends; largest first, swept ones last.

    Raises:
        CoinsInsufficientError: `free` is worth less.
        CoinsTooSmallError: the `inputs_max` largest are worth less.
    """
    chosen = choose_fitting(free, value, inputs_max=inputs_max)
    if len(chosen) == 1 and chosen[0].value == value:
        return chosen
    return chosen + _swept(free, chosen, inputs_max)


def choose_fitting(free: Sequence[FreeCoin], value: int, *, inputs_max: int) -> tuple[FreeCoin, ...]:
    """The coins that pay the value, without those that are swept along; raises as `select_coins` does."""
    if value < 1 or inputs_max < 1:
        raise ValueError(f"value and inputs_max must be at least 1, were {value} and {inputs_max}")
    place = bisect_left(free, FreeCoin(value, b""))
    return (free[place],) if place < len(free) else _largest(free, value, inputs_max)


def _largest(free: Sequence[FreeCoin], value: int, inputs_max: int) -> tuple[FreeCoin, ...]:
    """As few coins as cover the value; no coin covers it alone."""
    chosen: list[FreeCoin] = []
    missing = value
    for coin in reversed(free):
        if missing <= coin.value:
            # The rest is free[: len(free) - len(chosen)]; the smallest of it that covers what is missing will do.
            return (*chosen, free[bisect_left(free, FreeCoin(missing, b""))])
        if len(chosen) + 1 == inputs_max:
            break
        chosen.append(coin)
        missing -= coin.value
    raise _too_little(free, value, inputs_max)


def _too_little(free: Sequence[FreeCoin], value: int, inputs_max: int) -> RefusedError:
    total = sum(coin.value for coin in free)
    if total < value:
        return CoinsInsufficientError(
            f"{value} are asked, and the coins are worth {total}",
            field="value",
            cure="exchange deposit for coins first",
        )
    payable = sum(coin.value for coin in free[-inputs_max:])
    return CoinsTooSmallError(
        f"{value} are asked, and the {inputs_max} largest coins are worth {payable}",
        field="value",
        cure=f"pay in parts of at most {payable}, each of which leaves fewer and larger coins",
    )


def _swept(free: Sequence[FreeCoin], chosen: tuple[FreeCoin, ...], inputs_max: int) -> tuple[FreeCoin, ...]:
    count = min(COINS_SWEPT, len(free) - COINS_KEPT, inputs_max - len(chosen))
    if count <= 0:
        return ()
    # Chosen coins may be among the smallest; so many more are looked at that enough others remain.
    smallest = [coin for coin in free[: count + len(chosen)] if coin not in chosen]
    return tuple(smallest[:count])
