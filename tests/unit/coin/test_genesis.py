"""Genesis: what a currency is from its first moment, and what cannot be one."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import GENESIS, genesis, officers, public_key
from tongbao.coin import Genesis, GenesisInstitution, HashKind, Limits
from tongbao.coin.control import AuthorityKind
from tongbao.coin.genesis import INSTITUTIONS_MAX, RECEIPT_KEYS_MAX
from tongbao.errors import RequestError

ISSUANCE, CONTROL, OFFICES = (officers(authority) for authority in AuthorityKind)
FIRST, SECOND = GENESIS.institutions


def test_what_was_encoded_is_decoded() -> None:
    decoded = Genesis.decode(GENESIS.encode())

    assert decoded == GENESIS
    assert decoded.domain() == GENESIS.domain()


@pytest.mark.parametrize(
    "other",
    [
        genesis(name="other"),
        genesis(hash_kind=HashKind.SM3),
        genesis(limits=Limits(inputs_max=255)),
        replace(GENESIS, test_network=False),
        replace(GENESIS, time_ms=GENESIS.time_ms + 1),
        replace(GENESIS, rules=2),
        replace(GENESIS, asset_code="CNH"),
        replace(GENESIS, authorities=(replace(ISSUANCE, threshold=3), CONTROL, OFFICES)),
        replace(GENESIS, central_bank_key=public_key(2)),
        replace(GENESIS, institutions=()),
        replace(GENESIS, institutions=(FIRST, replace(SECOND, quota=1))),
        replace(GENESIS, receipt_keys=(public_key(6),)),
    ],
)
def test_every_field_makes_another_network(other: Genesis) -> None:
    assert other.domain().network_id != GENESIS.domain().network_id
    assert Genesis.decode(other.encode()) == other


def test_a_name_may_be_chinese() -> None:
    named = genesis(name="数字人民币")

    assert Genesis.decode(named.encode()).name == "数字人民币"


@pytest.mark.parametrize("name", ["n", "n" * 64, "a b", "~", "\xa0"])
def test_a_name_that_fits_on_a_line_is_kept(name: str) -> None:
    assert Genesis.decode(genesis(name=name).encode()).name == name


@pytest.mark.parametrize(
    "name", ["", "n" * 65, "通" * 22, "two\nlines", "\x7f", "bell\x07", "next\x85line", "\ud800", "null\x00"]
)
def test_a_name_that_does_not_fit_on_a_line_is_refused(name: str) -> None:
    with pytest.raises(RequestError) as refused:
        genesis(name=name)

    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"asset_code": ""}, "asset_code", id="no asset code"),
        pytest.param({"asset_code": "A" * 17}, "asset_code", id="long asset code"),
        pytest.param({"asset_code": "元"}, "asset_code", id="asset code outside ASCII"),
        pytest.param({"time_ms": -1}, "time_ms", id="time before 1970"),
        pytest.param({"rules": 2**32}, "rules", id="rules"),
        pytest.param({"authorities": (CONTROL, ISSUANCE, OFFICES)}, "authorities", id="authorities swapped"),
        pytest.param({"authorities": (ISSUANCE, CONTROL)}, "authorities", id="an authority missing"),
        pytest.param({"institutions": (SECOND, FIRST)}, "institutions", id="institutions descend"),
        pytest.param({"institutions": (FIRST, FIRST)}, "institutions", id="an institution twice"),
        pytest.param({"institutions": (replace(FIRST, home=0),)}, "institutions", id="home 0"),
        pytest.param(
            {"institutions": tuple(replace(FIRST, home=home) for home in range(1, INSTITUTIONS_MAX + 2))},
            "institutions",
            id="too many institutions",
        ),
        pytest.param({"receipt_keys": ()}, "receipt_keys", id="no receipt key"),
        pytest.param({"receipt_keys": (public_key(5),) * 2}, "receipt_keys", id="a receipt key twice"),
        pytest.param(
            {"receipt_keys": tuple(public_key(number) for number in range(RECEIPT_KEYS_MAX + 1))},
            "receipt_keys",
            id="too many receipt keys",
        ),
    ],
)
def test_what_cannot_be_a_currency_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        replace(GENESIS, **change)

    assert refused.value.field == named


def test_as_many_institutions_as_there_may_be_are_decoded() -> None:
    institutions = tuple(replace(FIRST, home=home) for home in range(1, INSTITUTIONS_MAX + 1))

    large = replace(GENESIS, institutions=institutions)

    assert Genesis.decode(large.encode()) == large


@pytest.mark.parametrize(
    "limit", ["inputs_max", "outputs_max", "batch_transactions_max", "expiry_ahead_max_ms", "snapshot_every"]
)
def test_a_limit_that_would_stop_the_network_is_refused(limit: str) -> None:
    change: dict[str, Any] = {limit: 0}

    with pytest.raises(RequestError, match=f"{limit} must be at least 1") as refused:
        Limits(**change)

    assert refused.value.field == limit


def test_an_ordered_move_may_need_no_delay() -> None:
    assert Limits(ordered_move_delay_ms=0).ordered_move_delay_ms == 0


@pytest.mark.parametrize(("limit", "number"), [("inputs_max", 2**16), ("snapshot_every", 2**32), ("outputs_max", -1)])
def test_a_limit_that_does_not_fit_is_refused(limit: str, number: int) -> None:
    change: dict[str, Any] = {limit: number}

    with pytest.raises(RequestError, match=limit):
        Limits(**change)


def test_limits_take_28_bytes() -> None:
    assert len(Limits().encode()) == 28


@pytest.mark.parametrize(("home", "quota", "named"), [(2**32, 0, "home"), (1, 2**64, "quota")])
def test_an_institution_that_no_layout_holds_is_refused(home: int, quota: int, named: str) -> None:
    with pytest.raises(RequestError) as refused:
        GenesisInstitution(home, public_key(11), quota)

    assert refused.value.field == named
