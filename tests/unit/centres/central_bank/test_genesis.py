"""Genesis from what people decide."""

from dataclasses import replace

import pytest

from tests.builders import CENTRAL_BANK, CENTRE, GENESIS_TIME_MS, INSTITUTIONS, OFFICERS, QUOTA, genesis, public_key
from tongbao.centres.central_bank.genesis import NetworkDescription, OfficerKeys, new_genesis
from tongbao.coin.control import AuthorityKind
from tongbao.errors import RequestError

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
    assert new_genesis(DESCRIPTION) == genesis()


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
