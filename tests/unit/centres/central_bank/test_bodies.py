"""What officers are asked to approve."""

import pytest

from tests.builders import (
    ALICE,
    CENTRAL_BANK,
    DOMAIN,
    EXPIRY_MS,
    coin,
    control,
    issue,
    public_key,
    redeem,
    signer,
    spend,
)
from tongbao.centres.central_bank.bodies import (
    OfficeSecret,
    keys_to_prove,
    subject_of_issue,
    subject_of_operation,
    value_of,
)
from tongbao.coin import Kind
from tongbao.coin.control import (
    AuthorityKind,
    Officers,
    Quota,
    RekeyInstitution,
)
from tongbao.kernel.reference import _authority, _subject


def test_references_follow_from_key_subject_and_attempt_alone() -> None:
    secret, same = OfficeSecret(DOMAIN, signer(CENTRAL_BANK)), OfficeSecret(DOMAIN, signer(CENTRAL_BANK))
    subject = subject_of_issue(1)

    references = [
        secret.reference(subject, attempt=0),
        secret.reference(subject, attempt=1),
        secret.reference(subject_of_issue(2), attempt=0),
        OfficeSecret(DOMAIN, signer(99)).reference(subject, attempt=0),
    ]

    assert len(set(references)) == 4
    assert same.reference(subject, attempt=0) == references[0]


def test_subjects_are_those_whose_serials_the_kernel_counts() -> None:
    issued, ordered = issue([coin(5, owner=ALICE, home=2)]).body, control(Quota(0, 1, 5)).body

    ours = [subject_of_issue(2), subject_of_operation(Quota(0, 1, 5))]

    assert [(each.authority, each.name) for each in ours] == [
        (_authority(body), _subject(body)) for body in (issued, ordered)
    ]


def test_the_value_of_a_body_is_what_it_makes_or_else_what_it_ends() -> None:
    bodies = [issue([coin(5, owner=ALICE)]).body, redeem([spend(7, owner=ALICE)]).body, control(Quota(0, 1, 9)).body]

    assert [value_of(body) for body in bodies] == [5, 7, 0]
    assert bodies[0].expiry_ms == EXPIRY_MS
    assert bodies[1].kind == Kind.REDEEM


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (None, ((), 0)),
        (Quota(0, 1, 5), ((), 0)),
        (RekeyInstitution(1, public_key(7)), ((), 0)),
        (RekeyInstitution(0, public_key(7)), ((public_key(7),), 1)),
        (Officers(AuthorityKind.CONTROL, 1, (public_key(1), public_key(2))), ((public_key(1), public_key(2)), 1)),
    ],
)
def test_keys_without_which_nobody_could_mend_a_mistake_prove_themselves(operation: object, expected: object) -> None:
    assert keys_to_prove(operation) == expected  # type: ignore[arg-type]
