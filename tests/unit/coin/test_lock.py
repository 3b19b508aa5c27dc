"""Locks: who may open them, when, and where to."""

from collections.abc import Callable

import pytest

from tests.builders import ALICE, BOB, CAROL, DOMAIN, bytes32, coin, key_lock, public_key, timed_lock
from tongbao.coin import Coin, KeyLock, Lock, Path, TimedLock
from tongbao.coin.lock import RESTRICTIONS_MAX
from tongbao.errors import RequestError

LATER_MS = 1_000
OUTPUT = coin(500, owner=CAROL, home=2)
OWN_ID = bytes32(77)


def test_one_key_opens_by_path_a_at_any_time_and_to_anywhere() -> None:
    lock = key_lock(ALICE)

    assert lock.key_for(Path.A) == public_key(ALICE)
    assert lock.opens_at_ms(Path.A) == 0
    assert lock.permits(OUTPUT, lock_id=OWN_ID)


@pytest.mark.parametrize("path", [Path.B, 2, 255])
def test_one_key_has_no_other_path(path: int) -> None:
    assert key_lock(ALICE).key_for(path) is None


def test_of_two_keys_the_second_opens_later() -> None:
    lock = timed_lock(ALICE, BOB, later_from_ms=LATER_MS)

    assert (lock.key_for(Path.A), lock.opens_at_ms(Path.A)) == (public_key(ALICE), 0)
    assert (lock.key_for(Path.B), lock.opens_at_ms(Path.B)) == (public_key(BOB), LATER_MS)
    assert lock.key_for(2) is None


@pytest.mark.parametrize(
    ("lock", "permitted"),
    [
        pytest.param(timed_lock(ALICE, BOB), True, id="no restriction"),
        pytest.param(timed_lock(ALICE, BOB, homes=[1, 2]), True, id="its home is named"),
        pytest.param(timed_lock(ALICE, BOB, homes=[1, 3]), False, id="other homes are named"),
        pytest.param(timed_lock(ALICE, BOB, locks=[OUTPUT.lock_id]), True, id="its lock is named"),
        pytest.param(timed_lock(ALICE, BOB, locks=[bytes32(1)]), False, id="another lock is named"),
        pytest.param(timed_lock(ALICE, BOB, homes=[1], locks=[OUTPUT.lock_id]), True, id="its lock, another home"),
        pytest.param(timed_lock(ALICE, BOB, homes=[2], locks=[bytes32(1)]), True, id="its home, another lock"),
        pytest.param(timed_lock(ALICE, BOB, homes=[1], locks=[bytes32(1)]), False, id="neither"),
    ],
)
def test_a_restriction_names_homes_or_locks(lock: TimedLock, *, permitted: bool) -> None:
    assert lock.permits(OUTPUT, lock_id=OWN_ID) is permitted


@pytest.mark.parametrize(
    ("lock", "restricted"),
    [
        pytest.param(key_lock(ALICE), False, id="one key"),
        pytest.param(timed_lock(ALICE, BOB), False, id="two keys"),
        pytest.param(timed_lock(ALICE, BOB, homes=[1]), True, id="a home is named"),
        pytest.param(timed_lock(ALICE, BOB, locks=[bytes32(1)]), True, id="a lock is named"),
    ],
)
def test_a_lock_is_restricted_where_it_names_something(lock: Lock, *, restricted: bool) -> None:
    assert lock.is_restricted is restricted


def test_change_may_always_return_to_the_lock_it_comes_from() -> None:
    lock = timed_lock(ALICE, BOB, homes=[2])
    change = Coin(0, 1, 9, lock.id(DOMAIN))

    assert lock.permits(change, lock_id=lock.id(DOMAIN))
    assert not lock.permits(change, lock_id=OWN_ID)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(key_lock(BOB), id="another key"),
        pytest.param(key_lock(ALICE, salt=1), id="another salt"),
        pytest.param(timed_lock(ALICE, ALICE), id="another kind"),
    ],
)
def test_another_lock_has_another_id(other: Lock) -> None:
    assert other.id(DOMAIN) != key_lock(ALICE).id(DOMAIN)


def raw(homes: tuple[int, ...] = (), locks: tuple[bytes, ...] = (), later_from_ms: int = 0) -> TimedLock:
    """A lock whose lists are as they are given."""
    return TimedLock(public_key(ALICE), public_key(BOB), later_from_ms, homes, locks, bytes(32))


ASCENDING = tuple(sorted(bytes32(number) for number in range(RESTRICTIONS_MAX + 1)))


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(lambda: KeyLock(public_key(ALICE), bytes(31)), "salt", id="salt of kind 1"),
        pytest.param(
            lambda: TimedLock(public_key(ALICE), public_key(BOB), 0, (), (), bytes(33)), "salt", id="salt of kind 2"
        ),
        pytest.param(lambda: raw(later_from_ms=2**64), "later_from_ms", id="time"),
        pytest.param(lambda: raw(homes=(2**32,)), "homes", id="home out of range"),
        pytest.param(lambda: raw(homes=(2, 1)), "homes", id="homes descend"),
        pytest.param(lambda: raw(homes=(1, 1)), "homes", id="home twice"),
        pytest.param(lambda: raw(homes=tuple(range(RESTRICTIONS_MAX + 1))), "homes", id="too many homes"),
        pytest.param(lambda: raw(locks=(bytes(31),)), "locks", id="lock of 31 bytes"),
        pytest.param(lambda: raw(locks=ASCENDING[1::-1]), "locks", id="locks descend"),
        pytest.param(lambda: raw(locks=ASCENDING), "locks", id="too many locks"),
    ],
)
def test_a_lock_that_no_layout_holds_is_refused(make: Callable[[], Lock], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        make()

    assert refused.value.field == named


def test_a_lock_holds_as_many_restrictions_as_there_may_be() -> None:
    lock = raw(homes=tuple(range(RESTRICTIONS_MAX)), locks=ASCENDING[:RESTRICTIONS_MAX])

    assert len(lock.encode()) < 1024
