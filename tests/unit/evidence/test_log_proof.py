"""Receipts with their proof from the log: what the log's keys prove alone, and each lie that they refuse."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import DOMAIN
from tests.log_world import log_keys
from tests.logged_receipts import BEFORE, KEYS, NOW_S, PLACE, STATUSES, ids, logged
from tongbao.coin import Domain, Receipt
from tongbao.coin.domain import HashKind
from tongbao.coin.receipt import ReceiptInvalidError
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.log_proof import LogProof, prove_logged
from tongbao.evidence.signed_text import SignedTextInvalidError
from tongbao.evidence.tree import ProofInvalidError

VKEYS = [each.verifier_key for each in (KEYS.key, KEYS.cosigner) if each is not None]


def test_the_logs_keys_alone_prove_a_transaction_its_status_and_its_batch() -> None:
    proven = prove_logged(Receipt.decode(logged().encode()), VKEYS)

    assert (proven.receipt.transaction_id, proven.receipt.status) == (ids()[PLACE], 0)
    assert (proven.index, proven.checkpoint.size, proven.logged_by_s) == (BEFORE + PLACE, BEFORE + 5, NOW_S)


def test_one_of_the_logs_keys_is_enough() -> None:
    assert prove_logged(logged(), VKEYS[:1]).logged_by_s is None
    assert prove_logged(logged(), VKEYS[1:]).logged_by_s == NOW_S


def test_a_ledger_that_hashes_with_sm3_proves_in_the_same_log() -> None:
    domain = Domain(DOMAIN.network_id, HashKind.SM3)

    assert prove_logged(logged(domain=domain), VKEYS).index == BEFORE + PLACE


def test_a_refusal_is_proven_as_what_it_is() -> None:
    assert prove_logged(logged(place=2), VKEYS).receipt.status == STATUSES[2]


LIES: dict[str, tuple[Callable[[Receipt], Receipt], type[RequestError]]] = {
    "a refused one shown as settled": (lambda _: replace(logged(place=2), status=0), ReceiptInvalidError),
    "another status": (lambda receipt: replace(receipt, status=17), ReceiptInvalidError),
    "another transaction": (lambda receipt: replace(receipt, transaction_id=ids()[0]), ReceiptInvalidError),
    "no proof": (lambda receipt: replace(receipt, log_proof=b""), ReceiptInvalidError),
    "the proof of another": (lambda receipt: replace(receipt, log_proof=logged(place=1).log_proof), ProofInvalidError),
    "another index": (
        lambda receipt: replace(receipt, log_proof=receipt.log_proof.replace(b"index 23", b"index 22")),
        ProofInvalidError,
    ),
    "another size": (
        lambda receipt: replace(receipt, log_proof=receipt.log_proof.replace(b"\n25\n", b"\n26\n")),
        SignedTextInvalidError,
    ),
    "not a proof": (lambda receipt: replace(receipt, log_proof=b"proof"), DecodingError),
    "a head with another time": (
        lambda receipt: replace(
            receipt,
            signed_head=replace(receipt.signed_head, head=replace(receipt.signed_head.head, time_ms=5)),
        ),
        ReceiptInvalidError,
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused(lie: str) -> None:
    bend, error = LIES[lie]

    with pytest.raises(error):
        prove_logged(bend(logged()), VKEYS)


def test_a_receipt_of_another_network_is_refused() -> None:
    other = Domain(bytes(31) + b"\x01", HashKind.SHA256)

    with pytest.raises(ReceiptInvalidError, match="another network"):
        prove_logged(logged(domain=other), VKEYS)


def test_a_stale_or_foreign_key_proves_nothing() -> None:
    foreign = log_keys(DOMAIN.network_id, seed=9)

    with pytest.raises(SignedTextInvalidError, match="no signature is by a key"):
        prove_logged(logged(), [foreign.key.verifier_key])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\nindex 01\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n",
        b"c2sp.org/tlog-proof@v2\nindex 1\n\n",
        b"c2sp.org/tlog-proof@v1\nindex -1\n\n",
    ],
)
def test_what_is_not_the_form_of_a_proof_is_none(text: bytes) -> None:
    with pytest.raises(DecodingError):
        LogProof.decode(text)


def test_a_proof_has_one_form() -> None:
    encoded = logged().log_proof

    assert LogProof.decode(encoded).encode() == encoded
    assert encoded.startswith(b"c2sp.org/tlog-proof@v1\nindex 23\n")
