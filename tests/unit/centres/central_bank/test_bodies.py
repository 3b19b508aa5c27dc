"""What officers are asked to approve."""

import pytest

from tests.builders import (
    ALICE,
    BOB,
    CENTRAL_BANK,
    DOMAIN,
    EXPIRY_MS,
    bytes32,
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
    describe,
    keys_to_prove,
    subject_of_issue,
    subject_of_operation,
    value_of,
)
from tongbao.coin import Coin, Kind
from tongbao.coin.control import (
    AuthorityKind,
    Freeze,
    FreezeTarget,
    Officers,
    OrderedMove,
    Quota,
    RekeyInstitution,
    SetSuccessor,
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


def test_officers_read_what_they_approve() -> None:
    frozen = Freeze(FreezeTarget.COIN, bytes32(1))
    officers = Officers(AuthorityKind.CONTROL, 1, (public_key(1), public_key(2)))
    bodies = [
        issue([coin(5, owner=ALICE), coin(7, owner=BOB)]).body,
        redeem([spend(5, owner=ALICE)]).body,
        *[control(each).body for each in (SetSuccessor(1, 2), frozen, officers)],
    ]

    described = [describe(body, home=1) for body in bodies]

    assert described == [
        "issue 12 fen in 2 coins, home 1",
        "redeem 5 fen in 1 coins, home 1",
        "set successor: home 1, successor 2",
        f"freeze: target coin, id {bytes32(1)[:8].hex()}",
        f"officers: authority control, threshold 1, keys {public_key(1).key[:8].hex()} {public_key(2).key[:8].hex()}",
    ]


def _move(*outputs: Coin) -> str:
    taken = spend(9, owner=ALICE)
    moved = control(OrderedMove(taken.input.coin_id(DOMAIN)), inputs=[taken.input], outputs=outputs)
    return describe(moved.body, home=0)


def test_an_ordered_move_is_described_by_what_it_takes_from_where_to_where() -> None:
    taken = spend(9, owner=ALICE).input
    one, two = coin(5, owner=BOB, home=2), coin(4, owner=ALICE, asset=3)

    described = _move(one, two)

    assert described == (
        f"ordered move: coin_id {taken.coin_id(DOMAIN)[:8].hex()}, "
        f"from 9 fen under lock {taken.coin.lock_id.hex()} at home 1, "
        f"to 5 fen under lock {one.lock_id.hex()} at home 2, to 4 of asset 3 under lock {two.lock_id.hex()} at home 1"
    )


def test_a_description_of_an_ordered_move_is_short_and_says_what_it_leaves_out() -> None:
    outputs = [coin(1, owner=BOB, salt=salt) for salt in range(9)]

    described = _move(*outputs)

    assert described.endswith("at home 1, and to 1 more")
    assert outputs[7].lock_id.hex() in described
    assert outputs[8].lock_id.hex() not in described


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
