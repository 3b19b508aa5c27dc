"""A purse never loses a coin, never promises one twice, and takes back what was promised for too long."""

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.builders import DOMAIN, spend
from tongbao.vaults.purse import SPENT_REMEMBERED, CoinsReservedError, Purse, PurseCoin, Reservation, split_change
from tongbao.vaults.selection import CoinsInsufficientError, CoinsTooSmallError

NOW_MS = 1_000_000
LATER_MS = NOW_MS + 120_000


def coin(value: int, number: int = 0) -> PurseCoin:
    opening = spend(value, owner=100, origin=number).input
    return PurseCoin(opening.coin_id(DOMAIN), opening)


def purse_of(*values: int, inputs_max: int = 256) -> Purse:
    purse = Purse(inputs_max=inputs_max)
    for number, value in enumerate(values):
        purse.add(coin(value, number))
    return purse


def ids(reservation: Reservation) -> list[bytes]:
    return [each.coin_id for each in reservation.coins]


def test_reserved_coins_are_neither_free_nor_gone() -> None:
    purse = purse_of(5, 10, 20)

    reservation = purse.reserve("tea", 21, now_ms=NOW_MS, until_ms=LATER_MS)

    assert (reservation.value, purse.free_value(now_ms=NOW_MS), purse.value) == (25, 10, 35)
    assert (purse.free_count(now_ms=NOW_MS), len(purse)) == (1, 3)


def test_one_payment_spends_no_more_than_the_largest_free_coins_that_fit_into_it() -> None:
    purse = purse_of(5, 10, 20, 40, inputs_max=2)
    purse.reserve("tea", 40, now_ms=NOW_MS, until_ms=LATER_MS)

    payable = purse.payable_value(now_ms=NOW_MS)

    assert payable == 30
    assert purse.reserve("rice", payable, now_ms=NOW_MS, until_ms=LATER_MS).value == 30


def test_payments_in_parallel_hold_different_coins() -> None:
    purse = purse_of(10, 10, 10)

    held = [coin_id for name in "abc" for coin_id in ids(purse.reserve(name, 9, now_ms=NOW_MS, until_ms=LATER_MS))]

    assert len(set(held)) == 3


def test_coins_that_others_hold_are_a_reason_to_wait_and_say_until_when() -> None:
    purse = purse_of(10, 10)
    purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS + 1)
    purse.reserve("rice", 5, now_ms=NOW_MS, until_ms=LATER_MS)

    with pytest.raises(CoinsReservedError) as caught:
        purse.reserve("salt", 1, now_ms=NOW_MS, until_ms=LATER_MS)

    assert caught.value.free_after_ms == LATER_MS


def test_money_that_is_not_there_is_no_reason_to_wait() -> None:
    purse = purse_of(10, 10)
    purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)

    with pytest.raises(CoinsInsufficientError):
        purse.reserve("silk", 21, now_ms=NOW_MS, until_ms=LATER_MS)


def test_too_many_small_coins_are_no_reason_to_wait() -> None:
    purse = purse_of(1, 1, 1, inputs_max=2)
    purse.reserve("tea", 1, now_ms=NOW_MS, until_ms=LATER_MS)

    with pytest.raises(CoinsTooSmallError):
        purse.reserve("rice", 3, now_ms=NOW_MS, until_ms=LATER_MS)


def test_a_reservation_holds_at_its_end_and_not_a_millisecond_longer() -> None:
    purse = purse_of(10)
    purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)

    with pytest.raises(CoinsReservedError):
        purse.reserve("rice", 10, now_ms=LATER_MS, until_ms=LATER_MS)
    reservation = purse.reserve("rice", 10, now_ms=LATER_MS + 1, until_ms=LATER_MS + 9)

    assert (reservation.value, purse.reservation("tea")) == (10, None)


def test_a_released_coin_can_be_reserved_again() -> None:
    purse = purse_of(10)
    purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)

    purse.release("tea")
    purse.release("tea")

    assert purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS).value == 10


def test_a_holder_reserves_once() -> None:
    purse = purse_of(10, 10)
    purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)

    with pytest.raises(ValueError, match="holds coins already"):
        purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)


def test_a_holder_whose_reservation_has_lapsed_reserves_anew() -> None:
    purse = purse_of(10)
    purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)

    again = purse.reserve_these("tea", [coin(10, 0).coin_id], now_ms=LATER_MS + 1, until_ms=LATER_MS + 9)

    assert again.until_ms == LATER_MS + 9


def test_an_extended_reservation_lapses_at_its_new_end() -> None:
    purse = purse_of(10)
    purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)

    purse.extend("tea", until_ms=LATER_MS + 50)

    assert purse.free_value(now_ms=LATER_MS + 50) == 0
    assert purse.free_value(now_ms=LATER_MS + 51) == 10
    assert purse.extend("tea", until_ms=LATER_MS) is None


def test_a_shortened_reservation_lapses_at_its_new_end() -> None:
    purse = purse_of(10)
    purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)

    purse.extend("tea", until_ms=NOW_MS + 1)

    assert purse.free_value(now_ms=NOW_MS + 2) == 10


def test_named_coins_are_held_in_the_order_named() -> None:
    purse = purse_of(1, 2, 3)
    wanted = [coin(3, 2).coin_id, coin(1, 0).coin_id]

    reservation = purse.reserve_these("tea", wanted, now_ms=NOW_MS, until_ms=LATER_MS)

    assert ids(reservation) == wanted


def test_named_coins_must_be_here_and_free() -> None:
    purse = purse_of(1, 2)
    purse.reserve("tea", 1, now_ms=NOW_MS, until_ms=LATER_MS)

    with pytest.raises(CoinsReservedError):
        purse.reserve_these("rice", [coin(1, 0).coin_id], now_ms=NOW_MS, until_ms=LATER_MS)
    with pytest.raises(CoinsInsufficientError):
        purse.reserve_these("rice", [coin(9, 9).coin_id], now_ms=NOW_MS, until_ms=LATER_MS)
    assert purse.free_value(now_ms=NOW_MS) == 2


def test_late_news_of_a_spent_coin_does_not_bring_it_back() -> None:
    purse = purse_of(10)
    reservation = purse.reserve("tea", 10, now_ms=NOW_MS, until_ms=LATER_MS)

    gone = purse.spend(ids(reservation))

    assert gone == reservation.coins
    assert not purse.add(coin(10, 0))
    assert len(purse) == 0


def test_spent_coins_are_remembered_up_to_a_number() -> None:
    purse = purse_of(10)
    purse.spend([coin(10, 0).coin_id])

    purse.spend(number.to_bytes(32) for number in range(SPENT_REMEMBERED))

    assert purse.add(coin(10, 0))


def test_a_coin_is_taken_in_once() -> None:
    purse = purse_of(10)

    assert not purse.add(coin(10, 0))
    assert purse.value == 10


def test_a_payment_that_settles_after_its_reservation_lapsed_takes_its_coin_from_whoever_has_it() -> None:
    purse = purse_of(10, 20)
    late = purse.reserve("late", 10, now_ms=NOW_MS, until_ms=LATER_MS)
    purse.reserve("other", 30, now_ms=LATER_MS + 1, until_ms=LATER_MS + 9)

    purse.spend(ids(late))

    other = purse.reservation("other")
    assert other is not None
    assert (other.value, purse.value) == (20, 20)
    purse.release("other")
    assert purse.free_value(now_ms=LATER_MS + 1) == 20


@given(value=st.integers(0, 10**12), pieces=st.integers(1, 64))
def test_change_is_split_evenly_and_nothing_of_it_is_lost(value: int, pieces: int) -> None:
    parts = split_change(value, pieces=pieces)

    event(f"{len(parts) == pieces=}")
    assert sum(parts) == value
    assert len(parts) == min(value, pieces)
    assert list(parts) == sorted(parts, reverse=True)
    assert not parts or parts[0] - parts[-1] <= 1 <= parts[-1]


class PurseMachine(RuleBasedStateMachine):
    """A purse beside a model that lists who holds what until when."""

    def __init__(self) -> None:
        super().__init__()
        self.purse = Purse(inputs_max=3)
        self.now_ms = NOW_MS
        self.made = 0
        self.here: dict[bytes, int] = {}
        self.held: dict[str, tuple[int, set[bytes]]] = {}

    @rule(value=st.integers(1, 9))
    def add(self, value: int) -> None:
        self.made += 1
        new = coin(value, self.made)
        assert self.purse.add(new)
        self.here[new.coin_id] = value

    @rule(value=st.integers(1, 20), lasts_ms=st.integers(0, 30))
    def reserve(self, value: int, lasts_ms: int) -> None:
        self.let_lapse()
        free = {coin_id: self.here[coin_id] for coin_id in self.here if coin_id not in self.taken()}
        self.made += 1
        holder = f"payment {self.made}"
        try:
            got = self.purse.reserve(holder, value, now_ms=self.now_ms, until_ms=self.now_ms + lasts_ms)
        except CoinsReservedError:
            event("reserved")
            assert self.taken()
            assert sum(sorted(free.values())[-3:]) < value
        except CoinsInsufficientError:
            event("insufficient")
            assert sum(self.here.values()) < value
        except CoinsTooSmallError:
            event("too small")
            assert sum(sorted(self.here.values())[-3:]) < value
        else:
            event("got")
            assert set(ids(got)) <= free.keys()
            assert got.value >= value
            self.held[holder] = self.now_ms + lasts_ms, set(ids(got))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        holder = data.draw(st.sampled_from(sorted(self.held)))
        self.purse.release(holder)
        self.held.pop(holder)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), lasts_ms=st.integers(0, 30))
    def extend(self, data: st.DataObject, lasts_ms: int) -> None:
        self.let_lapse()
        self.purse.free_value(now_ms=self.now_ms)
        for holder in data.draw(st.permutations(sorted(self.held)))[:1]:
            self.purse.extend(holder, until_ms=self.now_ms + lasts_ms)
            self.held[holder] = self.now_ms + lasts_ms, self.held[holder][1]

    @precondition(lambda self: self.here)
    @rule(data=st.data())
    def spend(self, data: st.DataObject) -> None:
        coin_id = data.draw(st.sampled_from(sorted(self.here)))
        self.purse.spend([coin_id])
        del self.here[coin_id]
        for holder, (_, coin_ids) in list(self.held.items()):
            coin_ids.discard(coin_id)
            if not coin_ids:
                del self.held[holder]

    @rule(step_ms=st.integers(1, 20))
    def let_time_go_on(self, step_ms: int) -> None:
        self.now_ms += step_ms

    def let_lapse(self) -> None:
        self.held = {holder: each for holder, each in self.held.items() if each[0] >= self.now_ms}

    def taken(self) -> set[bytes]:
        return {coin_id for _, coin_ids in self.held.values() for coin_id in coin_ids}

    @invariant()
    def agree(self) -> None:
        self.let_lapse()
        free = sum(value for coin_id, value in self.here.items() if coin_id not in self.taken())
        assert {each.coin_id: each.value for each in self.purse} == self.here
        assert self.purse.free_value(now_ms=self.now_ms) == free
        assert self.purse.value == sum(self.here.values())


TestPurseAgreesWithItsModel = PurseMachine.TestCase
