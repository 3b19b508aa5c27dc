"""What a year does to a wallet's coins: seeded lives, each lived under several rules of choosing coins.

The lives are simple on purpose; what they share with real ones is what matters here, which is how often money comes in
and in what pieces. Every rule sees the same life: the same amounts on the same days.
"""

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from tongbao.vaults.selection import COINS_KEPT, CoinsTooSmallError, FreeCoin, choose_fitting, select_coins
from tongbao.wallets.merging import COINS_MANY

__all__ = ["LIVES", "RULES", "Fragmentation", "live"]

INPUTS_MAX: Final = 256
"""Coins that one transaction spends in a network with the usual genesis."""

_FEN: Final = 100
_PRICE_FEN_MEDIAN: Final = 25 * _FEN
_PRICE_SPREAD: Final = 1.1  # of a log-normal price: one in ten purchases is above four times the median
_SALARY_FEN: Final = 6_000 * _FEN
_TOP_UP_FEN: Final = 300 * _FEN
_ORDERS_A_DAY: Final = 200
_REFUNDS_A_DAY: Final = 2
_DUST_A_DAY: Final = 100
_DUST_FEN: Final = 1
_MONTH_DAYS: Final = 30
_WEEK_DAYS: Final = 7
_ALL: Final = 0
"""Instead of an amount: pay out everything there is."""

Rule = Callable[[Sequence[FreeCoin], int], tuple[FreeCoin, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """Money that comes, or that is to be paid; `_ALL` pays everything out."""

    comes: bool
    amount_fen: int


@dataclass(slots=True)
class Fragmentation:
    """What a life left of a purse.

    Attributes:
        coins_left: at the end.
        coins_max: at the worst moment.
        payments: that were made.
        refused: payments that one transaction could not carry, though there was enough money.
        merges: transactions that only made coins fewer.
        inputs: coins that each payment spent.
    """

    coins_left: int = 0
    coins_max: int = 0
    payments: int = 0
    refused: int = 0
    merges: int = 0
    inputs: list[int] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        """Figures for a table."""
        ordered = sorted(self.inputs) or [0]
        return {
            "payments": self.payments,
            "coins_left": self.coins_left,
            "coins_max": self.coins_max,
            "inputs_mean": round(sum(ordered) / len(ordered), 2),
            "inputs_p99": ordered[(len(ordered) - 1) * 99 // 100],
            "merges": self.merges,
            "refused": self.refused,
        }


def _smallest_first(free: Sequence[FreeCoin], value: int) -> tuple[FreeCoin, ...]:
    """What many wallets of other currencies began with: it keeps coins few, and payments large."""
    return _covering(free, value)


def _largest_first(free: Sequence[FreeCoin], value: int) -> tuple[FreeCoin, ...]:
    """The simplest rule with the fewest signatures: small coins are never spent."""
    return _covering(reversed(free), value)


def _covering(ordered: Iterable[FreeCoin], value: int) -> tuple[FreeCoin, ...]:
    chosen: list[FreeCoin] = []
    missing = value
    for coin in islice(ordered, INPUTS_MAX):
        chosen.append(coin)
        missing -= coin.value
        if missing <= 0:
            return tuple(chosen)
    raise CoinsTooSmallError("too many coins for one transaction")


def _fitting(free: Sequence[FreeCoin], value: int) -> tuple[FreeCoin, ...]:
    return choose_fitting(free, value, inputs_max=INPUTS_MAX)


def _ours(free: Sequence[FreeCoin], value: int) -> tuple[FreeCoin, ...]:
    return select_coins(free, value, inputs_max=INPUTS_MAX)


RULES: Final[dict[str, tuple[Rule, bool]]] = {
    "smallest first": (_smallest_first, False),
    "largest first": (_largest_first, False),
    "fitting, no sweeping": (_fitting, False),
    "fitting and sweeping": (_ours, False),
    "as wallets do": (_ours, True),
}
"""Each rule, and whether coins are merged as `tongbao.wallets.merging` does."""


def _price(dice: random.Random) -> int:
    return max(1, round(dice.lognormvariate(0, _PRICE_SPREAD) * _PRICE_FEN_MEDIAN))


def _person(dice: random.Random, days: int) -> Iterator[Step]:
    for day in range(days):
        if day % _MONTH_DAYS == 0:
            yield Step(comes=True, amount_fen=_SALARY_FEN)
        if not dice.randrange(3):
            yield Step(comes=True, amount_fen=_price(dice))  # a friend pays his part of a dinner
        for _ in range(dice.randrange(7)):
            yield Step(comes=False, amount_fen=_price(dice))


def _attacked(dice: random.Random, days: int) -> Iterator[Step]:
    for day, step in enumerate(_person(dice, days)):
        if day < _MONTH_DAYS:
            yield from [Step(comes=True, amount_fen=_DUST_FEN)] * _DUST_A_DAY
        yield step


def _shop(dice: random.Random, days: int) -> Iterator[Step]:
    for day in range(days):
        yield from [Step(comes=True, amount_fen=_price(dice)) for _ in range(_ORDERS_A_DAY)]
        yield from [Step(comes=False, amount_fen=_price(dice)) for _ in range(_REFUNDS_A_DAY)]
        if day % _WEEK_DAYS == _WEEK_DAYS - 1:
            yield Step(comes=False, amount_fen=_ALL)


LIVES: Final[dict[str, Callable[[random.Random, int], Iterator[Step]]]] = {
    "a person": _person,
    "a person under attack": _attacked,
    "a shop": _shop,
}


class _Purse:
    """Sorted coins, and what becomes of them."""

    def __init__(self, rule: Rule, *, merges: bool) -> None:
        self.free: list[FreeCoin] = []
        self.found = Fragmentation()
        self._rule = rule
        self._merges = merges
        self._made = 0
        self._total = 0

    def add(self, value: int) -> None:
        self._made += 1
        self._total += value
        insort(self.free, FreeCoin(value, self._made.to_bytes(8)))
        self.found.coins_max = max(self.found.coins_max, len(self.free))

    def pay(self, amount_fen: int) -> None:
        if amount_fen > self._total:
            self.add(max(_TOP_UP_FEN, amount_fen - self._total))  # as a wallet that is short exchanges deposit
        value = amount_fen or self._total
        try:
            chosen = self._choose(value)
        except CoinsTooSmallError:
            self.found.refused += 1
            return
        self.found.payments += 1
        self.found.inputs.append(len(chosen))
        change = self._spend(chosen) - value
        if change:
            self.add(change)
        if self._merges and len(self.free) > COINS_MANY:
            self._tidy()

    def _choose(self, value: int) -> tuple[FreeCoin, ...]:
        while True:
            try:
                return self._rule(self.free, value)
            except CoinsTooSmallError:
                if not self._merges:
                    raise
                self._merge(self.free[-INPUTS_MAX:])

    def _tidy(self) -> None:
        while len(self.free) > COINS_KEPT:
            self._merge(self.free[: min(INPUTS_MAX, len(self.free) - COINS_KEPT + 1)])

    def _merge(self, coins: Sequence[FreeCoin]) -> None:
        self.found.merges += 1
        self.add(self._spend(coins))

    def _spend(self, coins: Sequence[FreeCoin]) -> int:
        spent = sum(coin.value for coin in coins)
        for coin in coins:
            del self.free[bisect_left(self.free, coin)]
        self._total -= spent
        return spent


def live(life: str, rule: str, *, days: int, seed: int) -> Fragmentation:
    """What the life does to a purse under the rule; the same seed is the same life under each."""
    choose, merges = RULES[rule]
    purse = _Purse(choose, merges=merges)
    for step in LIVES[life](random.Random(f"{life} {seed}"), days):  # noqa: S311 - a life can be lived again
        if step.comes:
            purse.add(step.amount_fen)
        elif step.amount_fen != _ALL or purse.free:
            purse.pay(step.amount_fen)
    purse.found.coins_left = len(purse.free)
    return purse.found
