"""Acceptances."""

from collections.abc import Callable

import pytest

from tests.builders import ALICE, BOB, DOMAIN, acceptance, bytes32, coin, genesis, public_key, spend
from tongbao.coin import Acceptance, AcceptedLock
from tongbao.coin.acceptance import ACCEPTED_LOCKS_MAX
from tongbao.coin.suites import verify_signature
from tongbao.errors import RequestError

ANCHOR = spend(500, owner=ALICE).input
PAID = coin(500, owner=BOB, home=2)
LOCK = AcceptedLock(PAID.lock_id, 0, 500)


def test_it_is_signed_by_the_payees_home() -> None:
    accepted = acceptance(ANCHOR, [PAID])

    verify_signature(public_key(12), accepted.signature, accepted.signing_digest(DOMAIN))


def test_it_counts_in_one_network_only() -> None:
    other = genesis(name="other").domain()

    accepted = acceptance(ANCHOR, [PAID])

    assert accepted.signing_digest(other) != accepted.signing_digest(DOMAIN)


def test_it_says_how_much_a_lock_may_receive() -> None:
    accepted = acceptance(ANCHOR, [PAID, coin(7, owner=BOB, asset=3)])

    assert accepted.value_max(lock_id=PAID.lock_id, asset=0) == 500
    assert accepted.value_max(lock_id=PAID.lock_id, asset=3) == 7


@pytest.mark.parametrize(("lock_id", "asset"), [(PAID.lock_id, 1), (bytes32(1), 0)])
def test_what_it_does_not_name_may_receive_nothing(lock_id: bytes, asset: int) -> None:
    assert acceptance(ANCHOR, [PAID]).value_max(lock_id=lock_id, asset=asset) == 0


def raw(
    home: int = 2, anchor: bytes = bytes(32), expiry_ms: int = 0, locks: tuple[AcceptedLock, ...] = (LOCK,)
) -> None:
    """An unsigned acceptance with the given terms."""
    Acceptance(home, anchor, expiry_ms, locks, public_key(12), b"")


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(lambda: raw(home=2**32), "home", id="home"),
        pytest.param(lambda: raw(anchor=bytes(31)), "anchor", id="anchor"),
        pytest.param(lambda: raw(expiry_ms=-1), "expiry_ms", id="expiry"),
        pytest.param(lambda: raw(locks=()), "locks", id="no lock"),
        pytest.param(lambda: raw(locks=(LOCK, AcceptedLock(LOCK.lock_id, 0, 1))), "locks", id="a lock twice"),
        pytest.param(
            lambda: raw(locks=tuple(AcceptedLock(bytes(32), asset, 1) for asset in range(ACCEPTED_LOCKS_MAX + 1))),
            "locks",
            id="too many locks",
        ),
        pytest.param(lambda: AcceptedLock(bytes(33), 0, 1), "lock_id", id="lock"),
        pytest.param(lambda: AcceptedLock(bytes(32), -1, 1), "asset", id="asset"),
        pytest.param(lambda: AcceptedLock(bytes(32), 0, 2**64), "value_max", id="value"),
    ],
)
def test_an_acceptance_that_no_layout_holds_is_refused(make: Callable[[], object], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        make()

    assert refused.value.field == named
