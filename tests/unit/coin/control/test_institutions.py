"""Control of institutions."""

from collections.abc import Callable

import pytest

from tests.builders import public_key
from tongbao.coin.control import (
    AuthorityKind,
    ControlOperation,
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
)
from tongbao.errors import RequestError

KEY = public_key(13)


@pytest.mark.parametrize(
    "operation",
    [
        RegisterInstitution(3, KEY),
        SuspendInstitution(3, suspended=True),
        RekeyInstitution(3, KEY),
        SetSuccessor(home=3, successor=1),
    ],
)
def test_one_serial_counts_for_all_that_control_does_to_an_institution(operation: ControlOperation) -> None:
    assert operation.subject() == b"institution\x00\x00\x00\x03"
    assert operation.AUTHORITY == AuthorityKind.CONTROL


def test_a_substitute_key_is_the_offices_with_a_serial_of_its_own() -> None:
    operation = SubstituteKey(3, KEY)

    assert (operation.subject(), operation.AUTHORITY) == (b"substitute\x00\x00\x00\x03", AuthorityKind.OFFICES)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(lambda: RegisterInstitution(2**32, KEY), "home", id="register"),
        pytest.param(lambda: SuspendInstitution(-1, suspended=True), "home", id="suspend"),
        pytest.param(lambda: RekeyInstitution(2**32, KEY), "home", id="rekey"),
        pytest.param(lambda: SetSuccessor(home=2**32, successor=1), "home", id="home that ends"),
        pytest.param(lambda: SetSuccessor(home=1, successor=-1), "successor", id="successor"),
        pytest.param(lambda: SubstituteKey(2**32, KEY), "home", id="substitute"),
    ],
)
def test_a_home_that_no_layout_holds_is_refused(make: Callable[[], ControlOperation], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        make()

    assert refused.value.field == named
