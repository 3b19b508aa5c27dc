"""Genesis from what people decide."""

from dataclasses import replace

import pytest

from tests.builders import CENTRAL_BANK, CENTRE, GENESIS_TIME_MS, INSTITUTIONS, OFFICERS, QUOTA, genesis, public_key
from tongbao.centres.central_bank.genesis import NetworkDescription, OfficerKeys, new_genesis
from tongbao.coin import PublicKey
from tongbao.coin.control import AuthorityKind
from tongbao.coin.suites import Suite
from tongbao.errors import RequestError
from tongbao.kernel.rules import RULES

DESCRIPTION = NetworkDescription(
    name="sample",
    time_ms=GENESIS_TIME_MS,
    test_network=True,
    officers={
        authority: OfficerKeys([public_key(number) for number in OFFICERS[authority]])
        for authority in reversed(AuthorityKind)
    },
    central_bank_key=public_key(CENTRAL_BANK),
    institutions=[public_key(number) for number in INSTITUTIONS.values()],
    quota_fen=QUOTA,
    receipt_keys=[public_key(CENTRE)],
)


def test_a_description_makes_one_genesis_with_two_of_three_officers() -> None:
    assert new_genesis(DESCRIPTION) == replace(genesis(), rules=max(RULES))


def test_thresholds_are_decided_by_authority() -> None:
    one_officer = OfficerKeys([public_key(21)], threshold=1)
    described = replace(DESCRIPTION, officers={**DESCRIPTION.officers, AuthorityKind.ISSUANCE: one_officer})

    made = new_genesis(described)

    assert [each.threshold for each in made.authorities] == [1, 2, 2]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"officers": {}}, "authorities"),
        ({"receipt_keys": []}, "receipt_keys"),
        ({"officers": {**DESCRIPTION.officers, AuthorityKind.OFFICES: OfficerKeys([public_key(1)])}}, "threshold"),
    ],
)
def test_what_no_genesis_can_have_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(RequestError) as refused:
        new_genesis(replace(DESCRIPTION, **change))  # type: ignore[arg-type]

    assert refused.value.field == field


NOBODYS = PublicKey.ed25519((2).to_bytes(32, "little"))
"""No point of the curve: nothing verifies under it."""

EVERYBODYS = PublicKey.ed25519(bytes(32))
"""A point of small order: a signature that anybody can write down verifies under it."""

PASSKEY = PublicKey(Suite.PASSKEY, public_key(1).key)


def _with(key: PublicKey, field: str) -> NetworkDescription:
    """The description with `key` in the place of another."""
    first, _, third = (public_key(number) for number in OFFICERS[AuthorityKind.ISSUANCE])
    replaced = {
        "central_bank_key": replace(DESCRIPTION, central_bank_key=key),
        "institutions[2]": replace(DESCRIPTION, institutions=[DESCRIPTION.institutions[0], key]),
        "receipt_keys[1]": replace(DESCRIPTION, receipt_keys=[key]),
    }
    for authority in AuthorityKind:
        officers = {**DESCRIPTION.officers, authority: OfficerKeys([first, key, third])}
        replaced[f"officers.{authority.name.lower()}[2]"] = replace(DESCRIPTION, officers=officers)
    return replaced[field]


@pytest.mark.parametrize("key", [NOBODYS, EVERYBODYS, PASSKEY], ids=["nobody's", "everybody's", "of another suite"])
@pytest.mark.parametrize(
    "field",
    [
        *(f"officers.{authority.name.lower()}[2]" for authority in AuthorityKind),
        "central_bank_key",
        "institutions[2]",
        "receipt_keys[1]",
    ],
)
def test_a_key_that_nobody_or_everybody_can_use_is_refused_by_its_name(field: str, key: PublicKey) -> None:
    with pytest.raises(RequestError) as refused:
        new_genesis(_with(key, field))

    assert refused.value.field == field
    assert key.key.hex() in str(refused.value)
    assert refused.value.cure
