"""Control by the offices."""

from collections.abc import Callable

import pytest

from tests.builders import bytes32
from tongbao.coin.control import AuthorityKind, ControlOperation, Freeze, FreezeTarget, OrderedMove, Unfreeze
from tongbao.errors import RequestError

ID = bytes32(1)


@pytest.mark.parametrize("target", list(FreezeTarget))
def test_freezing_and_unfreezing_count_by_one_serial(target: FreezeTarget) -> None:
    freeze, unfreeze = Freeze(target, ID), Unfreeze(target, ID)

    assert freeze.subject() == unfreeze.subject() == b"frozen" + bytes((target,)) + ID
    assert freeze.payload() == unfreeze.payload()


def test_a_lock_and_a_coin_of_one_id_are_two_subjects() -> None:
    assert Freeze(FreezeTarget.LOCK, ID).subject() != Freeze(FreezeTarget.COIN, ID).subject()


def test_a_move_counts_by_its_coin() -> None:
    assert OrderedMove(ID).subject() == b"move" + ID


@pytest.mark.parametrize("operation", [Freeze, Unfreeze, OrderedMove])
def test_all_of_it_is_for_the_offices(operation: type[ControlOperation]) -> None:
    assert operation.AUTHORITY == AuthorityKind.OFFICES


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(lambda: Freeze(FreezeTarget.LOCK, bytes(31)), "id", id="freeze"),
        pytest.param(lambda: Unfreeze(FreezeTarget.COIN, bytes(33)), "id", id="unfreeze"),
        pytest.param(lambda: OrderedMove(b""), "coin_id", id="move"),
    ],
)
def test_an_id_of_another_length_is_refused(make: Callable[[], ControlOperation], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        make()

    assert refused.value.field == named
