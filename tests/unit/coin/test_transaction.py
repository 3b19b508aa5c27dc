"""Transactions: what their id covers, and what no layout holds."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import (
    ALICE,
    BOB,
    DOMAIN,
    EXPIRY_MS,
    acceptance,
    bytes32,
    coin,
    control,
    genesis,
    issue,
    public_key,
    redeem,
    spend,
    transfer,
)
from tongbao.coin import (
    Approval,
    Authorisation,
    Body,
    Kind,
    Transaction,
    Witness,
    approve_digest,
    spend_digest,
)
from tongbao.coin.control import ActivateRules
from tongbao.coin.suites import verify_signature
from tongbao.coin.transaction import TRANSACTION_BYTES_MAX
from tongbao.errors import DecodingError, RequestError

ACCEPTANCE = acceptance(spend(500, owner=ALICE).input, [coin(500, owner=BOB, home=2)])
PAYMENT = transfer([spend(500, owner=ALICE)], [coin(500, owner=BOB)])


def test_kinds_have_permanent_numbers() -> None:
    assert {kind.name: kind.value for kind in Kind} == {"TRANSFER": 1, "ISSUE": 2, "REDEEM": 3, "CONTROL": 4}


@pytest.mark.parametrize(
    "made",
    [
        PAYMENT,
        issue([coin(500, owner=ALICE)], serial=7),
        redeem([spend(500, owner=ALICE)]),
        control(ActivateRules(2), serial=3),
    ],
    ids=["transfer", "issue", "redeem", "control"],
)
def test_what_was_encoded_is_decoded(made: Transaction) -> None:
    decoded = Transaction.decode(made.encode())

    assert decoded == made
    assert (decoded.encode(), decoded.id(DOMAIN)) == (made.encode(), made.id(DOMAIN))


def test_owners_and_officers_sign_different_things() -> None:
    redeemed = redeem([spend(500, owner=ALICE)])
    identity = redeemed.id(DOMAIN)

    verify_signature(public_key(ALICE), redeemed.witnesses[0].signature, spend_digest(identity, DOMAIN))
    verify_signature(public_key(21), redeemed.approvals[0].signature, approve_digest(identity, DOMAIN))

    assert spend_digest(identity, DOMAIN) != approve_digest(identity, DOMAIN)


def test_the_id_does_not_depend_on_who_signed_or_how() -> None:
    witness = replace(PAYMENT.witnesses[0], signature=bytes(64))

    stripped = Transaction(PAYMENT.body, (witness,), (Approval(public_key(ALICE), b""),))

    assert stripped.id(DOMAIN) == Transaction(PAYMENT.body).id(DOMAIN) == PAYMENT.id(DOMAIN)
    assert PAYMENT.body.transaction_id(DOMAIN) == PAYMENT.id(DOMAIN)


def test_the_id_depends_on_the_network() -> None:
    assert PAYMENT.id(genesis(name="other").domain()) != PAYMENT.id(DOMAIN)


def test_a_copy_with_another_body_has_that_bodys_bytes() -> None:
    decoded = Transaction.decode(PAYMENT.encode())
    other = replace(decoded.body, expiry_ms=EXPIRY_MS + 1)

    changed = replace(decoded, body=other)

    assert changed.id(DOMAIN) == other.transaction_id(DOMAIN) != PAYMENT.id(DOMAIN)
    assert Transaction.decode(changed.encode()).body == other


def test_the_bytes_of_a_decoded_body_make_no_difference_to_equality() -> None:
    decoded = Transaction.decode(PAYMENT.encode())

    assert decoded == PAYMENT
    assert hash(decoded) == hash(PAYMENT)
    assert decoded.body_bytes() == PAYMENT.body_bytes() == PAYMENT.body.encode()


def test_an_authorisation_gives_its_acceptance_back() -> None:
    assert Authorisation.of(ACCEPTANCE).acceptance() == ACCEPTANCE


@pytest.mark.parametrize(
    "authorisation",
    [
        pytest.param(replace(Authorisation.of(ACCEPTANCE), type=2), id="unknown type"),
        pytest.param(Authorisation(1, b"not an acceptance"), id="no acceptance"),
    ],
)
def test_an_authorisation_that_is_no_acceptance_says_so(authorisation: Authorisation) -> None:
    with pytest.raises(DecodingError):
        authorisation.acceptance()


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(lambda: Body(Kind.TRANSFER, 2**64, bytes(32)), "expiry_ms", id="expiry"),
        pytest.param(lambda: Body(Kind.TRANSFER, 0, bytes(31)), "reference", id="reference"),
        pytest.param(lambda: Body(Kind.ISSUE, 0, bytes(32), serial=-1), "serial", id="serial out of range"),
        pytest.param(lambda: Body(Kind.TRANSFER, 0, bytes(32), serial=1), "serial", id="serial of a transfer"),
        pytest.param(lambda: Body(Kind.REDEEM, 0, bytes(32), serial=1), "serial", id="serial of a redeem"),
        pytest.param(lambda: Body(Kind.CONTROL, 0, bytes(32), serial=1), "operation", id="control without operation"),
        pytest.param(
            lambda: Body(Kind.ISSUE, 0, bytes(32), operation=ActivateRules(1)), "operation", id="issue with operation"
        ),
    ],
)
def test_a_body_that_no_layout_holds_is_refused(make: Callable[[], Body], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        make()

    assert refused.value.field == named


def padded(length: int) -> bytes:
    """A transaction of so many bytes, for nothing but unsigned witnesses of large locks and a last one that fits."""
    content = Authorisation(9, bytes(60_000))
    body = Body(Kind.TRANSFER, 0, bytes32(0), authorisations=(content,) * 8)
    rest = length - len(Transaction(body).encode()) - len(Authorisation(9, b"").encode())
    body = replace(body, authorisations=(*body.authorisations, Authorisation(9, bytes(rest))))
    return Transaction(body).encode()


def test_the_largest_transaction_decodes_and_a_larger_one_does_not() -> None:
    largest, larger = padded(TRANSACTION_BYTES_MAX), padded(TRANSACTION_BYTES_MAX + 1)

    assert len(largest) == TRANSACTION_BYTES_MAX
    assert Transaction.decode(largest).encode() == largest
    with pytest.raises(DecodingError, match="at most 524288 bytes, this one 524289"):
        Transaction.decode(larger)


def test_a_witness_keeps_a_path_that_its_lock_does_not_have() -> None:
    witness = Witness(PAYMENT.witnesses[0].lock, 255, b"")

    decoded = Transaction.decode(Transaction(PAYMENT.body, (witness,)).encode())

    assert decoded.witnesses == (witness,)
