"""A purse: coins, those of them that are promised to a payment on its way, and change.

    purse = Purse(inputs_max=genesis.limits.inputs_max)
    purse.add(PurseCoin(coin_id, opening))
    reservation = purse.reserve("payment 7", 250, now_ms=ledger_time_ms, until_ms=expiry_ms)
    purse.spend(coin.coin_id for coin in reservation.coins)       # it settled
    purse.release("payment 7")                                    # or it never will

A purse is memory only, and pure: whoever owns it keeps its coins somewhere durable and says what time it is. Time is
ledger time, because only ledger time says when a signed transaction can no longer settle.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tongbao.coin.coin import Input
from tongbao.errors import BusyError
from tongbao.vaults.selection import CoinsInsufficientError, CoinsTooSmallError, FreeCoin, select_coins

__all__ = ["CoinsReservedError", "Purse", "PurseCoin", "Reservation", "split_change"]

SPENT_REMEMBERED = 1024
"""How many spent coins a purse remembers: news of a coin that was spent while the news was on its way is no coin."""

NEVER_MS = 2**64
"""Later than any ledger time."""


class CoinsReservedError(BusyError):
    """There is enough, but too much of it is reserved for payments on their way.

    Attributes:
        free_after_ms: the ledger time after which the next reservation lapses.
    """

    def __init__(self, message: str, *, free_after_ms: int) -> None:
        super().__init__(message)
        self.free_after_ms = free_after_ms


@dataclass(frozen=True, slots=True)
class PurseCoin:
    """A coin with what spends it.

    Attributes:
        coin_id: 32 bytes.
        opening: what a transaction that spends it carries.
    """

    coin_id: bytes
    opening: Input

    @property
    def value(self) -> int:
        """What it is worth, in the asset's smallest unit."""
        return self.opening.coin.value


@dataclass(frozen=True, slots=True)
class Reservation:
    """Coins promised to one payment.

    Attributes:
        holder: the payment, by whatever name its owner gives it.
        coins: in the order in which they are to be spent; the first is the anchor.
        until_ms: last ledger time at which the promise holds.
    """

    holder: str
    coins: tuple[PurseCoin, ...]
    until_ms: int

    @property
    def value(self) -> int:
        """What the coins are worth together."""
        return sum(coin.value for coin in self.coins)


class Purse:
    """Coins of one asset at one home; each is reserved for at most one holder at a time."""

    def __init__(self, *, inputs_max: int) -> None:
        self._inputs_max = inputs_max
        self._coins: dict[bytes, PurseCoin] = {}
        self._free: list[FreeCoin] = []
        self._reservations: dict[str, Reservation] = {}
        self._holders: dict[bytes, str] = {}
        self._first_lapse_ms = NEVER_MS
        self._spent: set[bytes] = set()
        self._spent_order: deque[bytes] = deque()

    def __len__(self) -> int:
        """How many coins there are, reserved ones included."""
        return len(self._coins)

    def __iter__(self) -> Iterator[PurseCoin]:
        """The coins, in the order in which they came, reserved ones included."""
        return iter(self._coins.values())

    def __contains__(self, coin_id: bytes) -> bool:
        return coin_id in self._coins

    @property
    def value(self) -> int:
        """What all coins are worth, reserved ones included."""
        return sum(coin.value for coin in self._coins.values())

    def free_value(self, *, now_ms: int) -> int:
        """What the coins are worth that no payment holds."""
        self._lapse(now_ms)
        return sum(coin.value for coin in self._free)

    def payable_value(self, *, now_ms: int) -> int:
        """The most that one payment can spend of the coins that no payment holds."""
        self._lapse(now_ms)
        return sum(coin.value for coin in self._free[-self._inputs_max :])

    def smallest(self, count: int, *, now_ms: int) -> tuple[PurseCoin, ...]:
        """So many of the smallest coins that no payment holds, smallest first."""
        self._lapse(now_ms)
        return tuple([self._coins[coin.coin_id] for coin in self._free[:count]])

    def largest(self, count: int, *, now_ms: int) -> tuple[PurseCoin, ...]:
        """So many of the largest coins that no payment holds, smallest first."""
        self._lapse(now_ms)
        return tuple([self._coins[coin.coin_id] for coin in self._free[-count:]])

    def free_count(self, *, now_ms: int) -> int:
        """How many coins no payment holds."""
        self._lapse(now_ms)
        return len(self._free)

    @property
    def remembers_all_spent(self) -> bool:
        """Whether it would know every coin again that was ever spent from it."""
        return len(self._spent) < SPENT_REMEMBERED

    def has_held(self, coin_id: bytes) -> bool:
        """Whether the coin is here, or was spent lately."""
        return coin_id in self._coins or coin_id in self._spent

    def add(self, coin: PurseCoin) -> bool:
        """Take a coin in; False where it is here already, or was spent so lately that this is old news of it."""
        if self.has_held(coin.coin_id):
            return False
        self._coins[coin.coin_id] = coin
        insort(self._free, FreeCoin(coin.value, coin.coin_id))
        return True

    def reservation(self, holder: str) -> Reservation | None:
        """What is reserved for the holder, unless it has lapsed and been noticed."""
        return self._reservations.get(holder)

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """Everything that is reserved, as far as it has not lapsed and been noticed."""
        return tuple(self._reservations.values())

    def reserve(self, holder: str, value: int, *, now_ms: int, until_ms: int) -> Reservation:
        """Choose coins worth at least `value` and hold them.

        Raises:
            CoinsInsufficientError: all coins together are worth less.
            CoinsTooSmallError: there are enough, in too many coins for one transaction.
            CoinsReservedError: there are enough, but others hold them now.
        """
        self._lapse(now_ms)
        self._demand_new(holder)
        try:
            chosen = select_coins(self._free, value, inputs_max=self._inputs_max)
        except (CoinsInsufficientError, CoinsTooSmallError):
            self._raise_unless_reserved(value)
            raise self._reserved(f"{value} are asked, and payments on their way hold too many of the coins") from None
        return self._hold(holder, [coin.coin_id for coin in chosen], until_ms)

    def reserve_these(self, holder: str, coin_ids: Iterable[bytes], *, now_ms: int, until_ms: int) -> Reservation:
        """Hold just these coins, as after a restart, in this order.

        Raises:
            CoinsInsufficientError: one of them is not here.
            CoinsReservedError: another holder has one of them.
        """
        self._lapse(now_ms)
        self._demand_new(holder)
        wanted = list(dict.fromkeys(coin_ids))
        if any(coin_id not in self._coins for coin_id in wanted):
            raise CoinsInsufficientError("a coin of the payment is no longer in the purse", cure="pay with other coins")
        if any(coin_id in self._holders for coin_id in wanted):
            raise self._reserved("another payment holds one of these coins")
        return self._hold(holder, wanted, until_ms)

    def extend(self, holder: str, *, until_ms: int) -> Reservation | None:
        """Hold until another time instead, as once the expiry is known; None where nothing is held any more."""
        reservation = self._reservations.get(holder)
        if reservation is None:
            return None
        extended = replace(reservation, until_ms=until_ms)
        self._reservations[holder] = extended
        self._first_lapse_ms = min(self._first_lapse_ms, until_ms)
        return extended

    def release(self, holder: str) -> None:
        """Return what the holder has to the free coins; nothing where it has lapsed or been spent."""
        reservation = self._reservations.pop(holder, None)
        for coin in reservation.coins if reservation else ():
            del self._holders[coin.coin_id]
            insort(self._free, FreeCoin(coin.value, coin.coin_id))

    def spend(self, coin_ids: Iterable[bytes]) -> tuple[PurseCoin, ...]:
        """Let coins go for good, whoever holds them, and return those that were here.

        A holder whose reservation had lapsed may have settled all the same, with coins that are promised to another
        by now; the other's reservation shrinks, and the ledger refuses what it has signed.
        """
        gone = []
        for coin_id in coin_ids:
            self._remember_spent(coin_id)
            coin = self._coins.pop(coin_id, None)
            if coin is not None:
                self._take_out(coin)
                gone.append(coin)
        return tuple(gone)

    def _demand_new(self, holder: str) -> None:
        if holder in self._reservations:
            raise ValueError(f"{holder} holds coins already; release them first")

    def _hold(self, holder: str, coin_ids: list[bytes], until_ms: int) -> Reservation:
        coins = tuple(self._coins[coin_id] for coin_id in coin_ids)
        for coin in coins:
            self._take_from_free(coin)
            self._holders[coin.coin_id] = holder
        reservation = Reservation(holder, coins, until_ms)
        self._reservations[holder] = reservation
        self._first_lapse_ms = min(self._first_lapse_ms, until_ms)
        return reservation

    def _lapse(self, now_ms: int) -> None:
        """Return what is held longer than promised; as a transaction does at its expiry, a promise holds at its end."""
        if now_ms <= self._first_lapse_ms:
            return
        for holder in [each.holder for each in self._reservations.values() if each.until_ms < now_ms]:
            self.release(holder)
        self._first_lapse_ms = min((each.until_ms for each in self._reservations.values()), default=NEVER_MS)

    def _raise_unless_reserved(self, value: int) -> None:
        """Return only where the coins that others hold would make the difference: then it is "later", not "never"."""
        everything = sorted(FreeCoin(coin.value, coin.coin_id) for coin in self._coins.values())
        select_coins(everything, value, inputs_max=self._inputs_max)

    def _reserved(self, message: str) -> CoinsReservedError:
        return CoinsReservedError(message, free_after_ms=min(each.until_ms for each in self._reservations.values()))

    def _take_out(self, coin: PurseCoin) -> None:
        holder = self._holders.pop(coin.coin_id, None)
        if holder is None:
            self._take_from_free(coin)
            return
        reservation = self._reservations[holder]
        left = tuple(each for each in reservation.coins if each.coin_id != coin.coin_id)
        if left:
            self._reservations[holder] = replace(reservation, coins=left)
        else:
            del self._reservations[holder]

    def _take_from_free(self, coin: PurseCoin) -> None:
        del self._free[bisect_left(self._free, FreeCoin(coin.value, coin.coin_id))]

    def _remember_spent(self, coin_id: bytes) -> None:
        if coin_id in self._spent:
            return
        self._spent.add(coin_id)
        self._spent_order.append(coin_id)
        if len(self._spent_order) > SPENT_REMEMBERED:
            self._spent.remove(self._spent_order.popleft())


def split_change(value: int, *, pieces: int) -> tuple[int, ...]:
    """Change as up to `pieces` coins of nearly the same value, largest first, together worth `value`; none of 0.

    A purse that is to pay many at once needs many coins: each payment on its way holds one until it has settled.
    """
    if not value:
        return ()
    count = min(pieces, value)
    share, rest = divmod(value, count)
    return (share + 1,) * rest + (share,) * (count - rest)
