"""What proves to a wallet that money moved."""

import pytest

from tests.builders import ALICE, BOB, CENTRE, DOMAIN, GENESIS, bytes32, coin, issue, outcome, public_key, receipts
from tests.builders import batch as a_batch
from tongbao.coin import Receipt
from tongbao.errors import PeerError
from tongbao.kernel import Status
from tongbao.wallets import receipts as receipts_module
from tongbao.wallets.receipts import CentreKeys

FIRST, SECOND = bytes32(1), bytes32(2)
EXPIRY_MS = GENESIS.time_ms + 120_000


def two_receipts(*, key: int = CENTRE, statuses: tuple[int, int] = (0, 0)) -> list[Receipt]:
    return receipts(a_batch(), list(zip((FIRST, SECOND), statuses, strict=True)), key=key)


def centre() -> CentreKeys:
    return CentreKeys(DOMAIN, GENESIS.receipt_keys)


def test_a_receipt_proves_its_own_transaction() -> None:
    keys = centre()

    for receipt, identity in zip(two_receipts(), (FIRST, SECOND), strict=True):
        assert keys.check_settled(receipt.encode(), transaction_id=identity) == receipt


def test_receipts_of_one_batch_are_checked_each_for_itself() -> None:
    keys = centre()
    first, second = two_receipts()
    forged = Receipt(bytes32(3), 0, second.index, second.path, second.signed_head)
    keys.check_settled(first.encode(), transaction_id=FIRST)

    with pytest.raises(PeerError, match="does not lead to the signed root"):
        keys.check_settled(forged.encode(), transaction_id=bytes32(3))


@pytest.mark.parametrize(
    ("receipt", "identity", "message"),
    [
        (None, FIRST, "shows no receipt"),
        (b"", FIRST, "proves nothing"),
        (two_receipts()[0].encode(), SECOND, "something else"),
        (two_receipts(statuses=(Status.EXPIRED, 0))[0].encode(), FIRST, "something else"),
        (two_receipts(key=CENTRE + 1)[0].encode(), FIRST, "a key that is not the centre's"),
    ],
)
def test_what_is_no_receipt_of_the_settlement_proves_nothing(
    receipt: bytes | None, identity: bytes, message: str
) -> None:
    with pytest.raises(PeerError, match=message):
        centre().check_settled(receipt, transaction_id=identity)


def test_a_key_that_is_learnt_counts_beside_the_earlier_ones() -> None:
    keys = centre()
    later = two_receipts(key=CENTRE + 1)[0].encode()

    known_before = keys.knows_key_of(later)
    keys.learn([public_key(CENTRE + 1)])

    assert (known_before, keys.knows_key_of(later), keys.knows_key_of(None), keys.knows_key_of(b"x")) == (
        False,
        True,
        True,
        True,
    )
    for receipt in (later, two_receipts()[0].encode()):
        assert keys.check_settled(receipt, transaction_id=FIRST).encode() == receipt


def test_what_was_proved_lately_needs_no_second_proof_and_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts_module, "SETTLED_REMEMBERED", 1)
    keys = centre()
    keys.demand_settled(two_receipts()[0].encode(), transaction_id=FIRST)
    keys.demand_settled(None, transaction_id=FIRST)

    keys.demand_settled(two_receipts()[1].encode(), transaction_id=SECOND)

    with pytest.raises(PeerError):
        keys.demand_settled(None, transaction_id=FIRST)


@pytest.mark.parametrize(
    ("settled", "time_ms", "proved"), [(False, EXPIRY_MS + 1, True), (False, EXPIRY_MS, False), (True, 2**40, False)]
)
def test_only_absence_past_the_expiry_is_proof(settled: bool, time_ms: int, proved: bool) -> None:  # noqa: FBT001
    said = outcome(FIRST, settled=settled, time_ms=time_ms).encode()

    assert centre().proves_absence(said, transaction_id=FIRST, expiry_ms=EXPIRY_MS) == proved


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"x", "proves nothing"),
        (outcome(SECOND, settled=False, time_ms=2**40).encode(), "about another transaction"),
        (outcome(FIRST, settled=False, time_ms=2**40, key=CENTRE + 1).encode(), "a key that is not the centre's"),
    ],
)
def test_an_outcome_that_the_centre_did_not_sign_for_this_transaction_is_none(said: bytes, message: str) -> None:
    with pytest.raises(PeerError, match=message):
        centre().proves_absence(said, transaction_id=FIRST, expiry_ms=EXPIRY_MS)


def test_a_receipt_of_a_real_transaction_is_checked_against_its_real_id() -> None:
    issued = issue([coin(5, owner=ALICE), coin(6, owner=BOB)])
    receipt = receipts(a_batch(), [(issued.id(DOMAIN), Status.SETTLED)])[0]

    assert centre().check_settled(receipt.encode(), transaction_id=issued.id(DOMAIN)) == receipt
