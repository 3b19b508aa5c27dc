"""Receipts and outcomes: what they prove, offline, with the centre's public keys alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import ALICE, CENTRE, DOMAIN, EXPIRY_MS, batch, bytes32, genesis, outcome, public_key, receipts
from tongbao.coin import BatchHead, Outcome, PublicKey, Receipt, ReceiptInvalidError, SignedHead, Suite, receipt_leaf
from tongbao.coin.receipt import PATH_MAX
from tongbao.errors import RequestError

KEYS = [public_key(CENTRE)]
VERDICTS = [(bytes32(number), number) for number in range(5)]
RECEIPTS = receipts(batch(), VERDICTS)
OUTCOME = outcome(bytes32(1))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 9])
def test_every_receipt_of_a_batch_proves_its_verdict(count: int) -> None:
    verdicts = [(bytes32(number), number) for number in range(count)]

    for receipt in receipts(batch(), verdicts):
        receipt.verify(DOMAIN, keys=KEYS)


def test_a_receipt_is_decoded_as_it_was_encoded() -> None:
    assert [Receipt.decode(each.encode()) for each in RECEIPTS] == RECEIPTS


def test_the_longest_path_is_decoded_as_it_was_encoded() -> None:
    longest = replace(RECEIPTS[0], path=(bytes(32),) * PATH_MAX)

    assert Receipt.decode(longest.encode()) == longest


def test_all_receipts_of_a_batch_share_one_signature() -> None:
    assert len({each.signed_head.signature for each in RECEIPTS}) == 1


def test_a_receipt_proves_nothing_with_the_key_of_somebody_else() -> None:
    with pytest.raises(ReceiptInvalidError, match="a key that is not the centre's"):
        RECEIPTS[0].verify(DOMAIN, keys=[public_key(ALICE)])


def test_a_receipt_proves_nothing_in_another_network() -> None:
    with pytest.raises(ReceiptInvalidError, match="of another network"):
        RECEIPTS[0].verify(genesis(name="other").domain(), keys=KEYS)


def test_a_head_signed_by_one_key_is_not_signed_by_another() -> None:
    head = SignedHead(RECEIPTS[0].signed_head.head, public_key(ALICE), RECEIPTS[0].signed_head.signature)

    with pytest.raises(ReceiptInvalidError, match="the centre's signature does not hold"):
        replace(RECEIPTS[0], signed_head=head).verify(DOMAIN, keys=[*KEYS, public_key(ALICE)])


def test_a_head_under_a_reserved_suite_proves_nothing() -> None:
    key = PublicKey(Suite.ML_DSA_44, bytes(1312))
    head = replace(RECEIPTS[0].signed_head, key=key)

    with pytest.raises(ReceiptInvalidError, match="suite 5 is not active"):
        replace(RECEIPTS[0], signed_head=head).verify(DOMAIN, keys=[key])


def test_the_log_proof_is_not_looked_at_yet() -> None:
    replace(RECEIPTS[0], log_proof=b"something").verify(DOMAIN, keys=KEYS)


def test_a_leaf_is_one_verdict_of_one_batch() -> None:
    leaves = {
        receipt_leaf(bytes32(1), 0, 1, DOMAIN),
        receipt_leaf(bytes32(2), 0, 1, DOMAIN),
        receipt_leaf(bytes32(1), 1, 1, DOMAIN),
        receipt_leaf(bytes32(1), 0, 2, DOMAIN),
    }

    assert len(leaves) == 4


def test_an_outcome_is_the_centres_word() -> None:
    OUTCOME.verify(DOMAIN, keys=KEYS)

    assert Outcome.decode(OUTCOME.encode()) == OUTCOME


def test_an_outcome_counts_in_its_network_and_by_the_centres_key_only() -> None:
    with pytest.raises(ReceiptInvalidError, match="of another network"):
        OUTCOME.verify(genesis(name="other").domain(), keys=KEYS)
    with pytest.raises(ReceiptInvalidError, match="a key that is not the centre's"):
        OUTCOME.verify(DOMAIN, keys=[])


def test_a_changed_outcome_is_nobodys_word() -> None:
    with pytest.raises(ReceiptInvalidError, match="does not hold") as refused:
        replace(OUTCOME, settled=False).verify(DOMAIN, keys=KEYS)

    assert refused.value.code == "RECEIPT_INVALID"


@pytest.mark.parametrize(
    ("settled", "time_ms", "proved"),
    [(False, EXPIRY_MS + 1, True), (False, EXPIRY_MS, False), (True, EXPIRY_MS + 1, False)],
)
def test_absence_is_proved_only_past_the_expiry(time_ms: int, *, settled: bool, proved: bool) -> None:
    said = outcome(bytes32(1), settled=settled, time_ms=time_ms)

    assert said.proves_absence(expiry_ms=EXPIRY_MS) is proved


HEAD = RECEIPTS[0].signed_head.head


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(lambda: replace(RECEIPTS[0], transaction_id=bytes(31)), "transaction_id", id="id"),
        pytest.param(lambda: replace(RECEIPTS[0], status=2**16), "status", id="status"),
        pytest.param(lambda: replace(RECEIPTS[0], index=2**32), "index", id="index"),
        pytest.param(lambda: replace(RECEIPTS[0], path=(bytes(32),) * (PATH_MAX + 1)), "path", id="long path"),
        pytest.param(lambda: replace(RECEIPTS[0], path=(bytes(31),)), "path", id="path of 31 bytes"),
        pytest.param(lambda: replace(HEAD, network_id=bytes(31)), "network_id", id="head's network"),
        pytest.param(lambda: replace(HEAD, chain_head=bytes(33)), "chain_head", id="head's chain head"),
        pytest.param(lambda: replace(HEAD, receipts_root=b""), "receipts_root", id="head's root"),
        pytest.param(lambda: replace(HEAD, sequence=-1), "sequence", id="head's sequence"),
        pytest.param(lambda: replace(HEAD, time_ms=2**64), "time_ms", id="head's time"),
        pytest.param(lambda: replace(HEAD, count=2**32), "count", id="head's count"),
        pytest.param(lambda: replace(OUTCOME, network_id=bytes(31)), "network_id", id="outcome's network"),
        pytest.param(lambda: replace(OUTCOME, transaction_id=bytes(33)), "transaction_id", id="outcome's id"),
        pytest.param(lambda: replace(OUTCOME, sequence=2**64), "sequence", id="outcome's sequence"),
        pytest.param(lambda: replace(OUTCOME, time_ms=-1), "time_ms", id="outcome's time"),
    ],
)
def test_what_no_layout_holds_is_refused(make: Callable[[], Receipt | BatchHead | Outcome], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        make()

    assert refused.value.field == named
