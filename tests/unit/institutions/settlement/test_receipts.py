from dataclasses import replace

import pytest

from tests.builders import CENTRE, DOMAIN, batch, bytes32, outcome, public_key, receipts
from tongbao.coin import Receipt
from tongbao.errors import PeerError
from tongbao.institutions.settlement.receipts import ReceiptChecker
from tongbao.kernel import Status

IDS = [bytes32(number) for number in range(3)]


@pytest.fixture
def checker() -> ReceiptChecker:
    return ReceiptChecker(DOMAIN, [public_key(CENTRE)])


@pytest.fixture
def proofs() -> list[Receipt]:
    return receipts(batch(), [(identity, 0) for identity in IDS])


def test_receipts_of_one_batch_are_each_checked(checker: ReceiptChecker, proofs: list[Receipt]) -> None:
    for identity, proof in zip(IDS, proofs, strict=True):
        assert checker.check(proof.encode(), transaction_id=identity, status=Status.SETTLED) == proof


def test_a_path_that_leads_elsewhere_is_found_out_behind_a_head_that_was_verified(
    checker: ReceiptChecker, proofs: list[Receipt]
) -> None:
    checker.check(proofs[0].encode(), transaction_id=IDS[0], status=Status.SETTLED)
    forged = replace(proofs[1], path=(bytes(32), *proofs[1].path[1:]))

    with pytest.raises(PeerError, match="root"):
        checker.check(forged.encode(), transaction_id=IDS[1], status=Status.SETTLED)


def test_a_receipt_is_of_its_transaction_and_status_alone(checker: ReceiptChecker, proofs: list[Receipt]) -> None:
    encoded = proofs[0].encode()

    for identity, status in ((IDS[1], Status.SETTLED), (IDS[0], Status.EXPIRED)):
        with pytest.raises(PeerError, match="something else"):
            checker.check(encoded, transaction_id=identity, status=status)


def test_a_key_that_is_not_the_centres_proves_nothing_until_it_is_learnt(checker: ReceiptChecker) -> None:
    (proof,) = receipts(batch(), [(IDS[0], 0)], key=CENTRE + 1)
    encoded = proof.encode()
    before = checker.knows_key_of(encoded)
    with pytest.raises(PeerError, match="not the centre's"):
        checker.check(encoded, transaction_id=IDS[0], status=Status.SETTLED)

    checker.learn([public_key(CENTRE + 1)])

    assert (before, checker.knows_key_of(encoded)) == (False, True)
    assert checker.check(encoded, transaction_id=IDS[0], status=Status.SETTLED) == proof
    assert public_key(CENTRE) in checker.keys


def test_what_is_no_receipt_is_the_centres_fault(checker: ReceiptChecker) -> None:
    with pytest.raises(PeerError, match="cannot be read"):
        checker.knows_key_of(b"nothing")
    with pytest.raises(PeerError, match="proves nothing"):
        checker.check(b"nothing", transaction_id=IDS[0], status=Status.SETTLED)


def test_many_heads_are_remembered_and_old_ones_verified_again(checker: ReceiptChecker) -> None:
    made = [receipts(batch(time_ms=1_800_000_000_000 + number), [(IDS[0], 0)])[0] for number in range(70)]

    for proof in [*made, made[0]]:
        checker.check(proof.encode(), transaction_id=IDS[0], status=Status.SETTLED)

    assert len(checker._verified) == 64


def test_an_outcome_must_be_signed_by_the_centre(checker: ReceiptChecker) -> None:
    checker.check_outcome(outcome(IDS[0]))

    with pytest.raises(PeerError, match="proves nothing"):
        checker.check_outcome(outcome(IDS[0], key=CENTRE + 1))
