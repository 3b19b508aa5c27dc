"""The state's questions: who serves, who is active, since when something is frozen, how much there is."""

from dataclasses import replace

import pytest

from tests.builders import CENTRAL_BANK as CENTRAL_BANK_KEY
from tests.builders import CENTRE, GENESIS, INSTITUTIONS, QUOTA, bytes32, officers, public_key
from tongbao.coin.control import AuthorityKind, FreezeTarget
from tongbao.kernel.state import CENTRAL_BANK, Institution, State, Totals


def chain() -> State:
    """A state in which home 1 is succeeded by 2, that by 3; and 4 stands alone."""
    return State(
        institutions={
            1: Institution(public_key(1), successor=2),
            2: Institution(public_key(2), successor=3),
            3: Institution(public_key(3)),
            4: Institution(public_key(4)),
        }
    )


def test_the_state_at_sequence_0_is_what_genesis_says() -> None:
    state = State.of(GENESIS)

    assert state == State(
        institutions={
            CENTRAL_BANK: Institution(public_key(CENTRAL_BANK_KEY)),
            **{home: Institution(public_key(number)) for home, number in INSTITUTIONS.items()},
        },
        quotas={(0, home): QUOTA for home in INSTITUTIONS},
        authorities={authority: officers(authority) for authority in AuthorityKind},
        assets={0: (True, "CNY")},
        receipt_keys={public_key(CENTRE)},
        rules=1,
    )


def test_the_rules_at_sequence_0_are_those_of_genesis() -> None:
    assert State.of(replace(GENESIS, rules=7)).rules == 7


@pytest.mark.parametrize(("home", "serves"), [(1, 3), (2, 3), (3, 3), (4, 4), (9, 9)])
def test_a_home_is_served_by_the_end_of_its_succession(home: int, serves: int) -> None:
    assert chain().serving(home) == serves


def test_a_succession_is_walked_in_order() -> None:
    assert list(chain().succession(1)) == [1, 2, 3]
    assert list(chain().succession(9)) == [9]


def test_a_home_is_active_where_the_one_that_serves_it_is() -> None:
    state = chain()
    state.institutions[1] = Institution(public_key(1), suspended=True, successor=2)
    state.institutions[4] = Institution(public_key(4), suspended=True)

    active = {home: state.is_active(home) for home in (CENTRAL_BANK, 1, 2, 3, 4, 9)}

    assert active == {CENTRAL_BANK: False, 1: True, 2: True, 3: True, 4: False, 9: False}


def test_the_central_bank_is_never_active_though_it_is_an_institution() -> None:
    assert State.of(GENESIS).is_active(CENTRAL_BANK) is False


def test_a_key_speaks_for_its_home_alone_and_so_does_a_substitute() -> None:
    state = State(institutions={1: Institution(public_key(1), substitute=public_key(5))})

    speaks = [state.is_current(public_key(number), home=home) for number, home in ((1, 1), (5, 1), (2, 1), (1, 2))]

    assert speaks == [True, True, False, False]


def test_what_is_frozen_twice_is_frozen_since_the_earlier() -> None:
    state = State()
    coin, lock = bytes32(1), bytes32(2)

    free = state.frozen_since_ms(coin_id=coin, lock_id=lock)
    state.frozen[FreezeTarget.COIN, coin] = 9
    by_coin = state.frozen_since_ms(coin_id=coin, lock_id=lock)
    state.frozen[FreezeTarget.LOCK, lock] = 7
    by_both = state.frozen_since_ms(coin_id=coin, lock_id=lock)

    assert (free, by_coin, by_both) == (None, 9, 7)
    assert state.frozen_since_ms(coin_id=lock, lock_id=coin) is None


def test_totals_add_up_and_say_what_must_be_unspent() -> None:
    state = State()

    state.add(Totals(issued=100, inflow=30), asset=0, home=1)
    state.add(Totals(redeemed=20, outflow=5), asset=0, home=1)

    assert state.totals == {(0, 1): Totals(issued=100, redeemed=20, inflow=30, outflow=5)}
    assert state.totals[0, 1].unspent == 105


def test_unspent_coins_are_counted_by_asset_and_home() -> None:
    state = State(unspent={bytes32(0): (0, 1, 5), bytes32(1): (0, 1, 7), bytes32(2): (9, 1, 1), bytes32(3): (0, 2, 2)})

    assert state.unspent_by_asset_and_home() == {(0, 1): 12, (9, 1): 1, (0, 2): 2}


def test_what_was_issued_net_counts_all_homes_that_one_serves() -> None:
    state = chain()
    for home, issued in ((1, 100), (2, 20), (3, 3), (4, 1000)):
        state.add(Totals(issued=issued, redeemed=1), asset=0, home=home)
        state.add(Totals(issued=7), asset=9, home=home)

    net = {home: state.net_issued(asset=0, home=home) for home in (1, 2, 3, 4)}

    assert net == {1: 0, 2: 0, 3: 120, 4: 999}
