"""Receipts with their proof from the log: what the log's keys prove alone, and each lie that they refuse."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.builders import CENTRE, DOMAIN, signer
from tests.log_world import log_keys
from tongbao.coin import BatchHead, Domain, PublicKey, Receipt, SignedHead
from tongbao.coin.domain import HashKind
from tongbao.coin.merkle import inclusion_path, tree_levels
from tongbao.coin.receipt import ReceiptInvalidError, receipt_entry, receipt_leaf
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.log_proof import LogProof, origin_of, prove_logged
from tongbao.evidence.signed_text import SignedTextInvalidError
from tongbao.evidence.tiles import TileTail, entry_row, node_in
from tongbao.evidence.tree import ProofInvalidError, inclusion_proof

KEYS = log_keys(DOMAIN.network_id)
VKEYS = [each.verifier_key for each in (KEYS.key, KEYS.cosigner) if each is not None]
NOW_S = 1_767_225_700
SEQUENCE = 7
STATUSES = (0, 0, 17, 0, 0)
PLACE = 3
"""Of the receipt in its batch; the entry at 2 is a refused one."""
BEFORE = 20
"""Entries of earlier batches."""


def ids() -> list[bytes]:
    """The batch's transactions."""
    return [sha256(b"transaction %d" % number).digest() for number in range(len(STATUSES))]


def logged(place: int = PLACE, domain: Domain = DOMAIN, time_s: int = NOW_S) -> Receipt:
    """The receipt of a transaction in a batch of five, in a log of 25."""
    verdicts = list(zip(ids(), STATUSES, strict=True))
    leaves = [receipt_leaf(identity, status, SEQUENCE, domain) for identity, status in verdicts]
    levels = tree_levels(leaves, domain)
    head = BatchHead(domain.network_id, SEQUENCE, 1_767_225_690_000, bytes(32), levels[-1][0], len(leaves))
    centre = signer(CENTRE)
    signed = SignedHead.sign(head, domain, key=PublicKey.ed25519(centre.public_key), sign=centre.sign)
    tail = TileTail()
    tail.extend(b"".join(entry_row(sha256(b"earlier %d" % number).digest()) for number in range(BEFORE)))
    entries = [receipt_entry(identity, status, SEQUENCE, domain) for identity, status in verdicts]
    tail.extend(b"".join(map(entry_row, entries)))
    checkpoint = Checkpoint(origin_of(domain.network_id), tail.size, tail.root())
    index = BEFORE + place
    path = inclusion_proof(index, tail.size, node_in(dict(tail.partial()), tail.size))
    proof = LogProof(index, path, KEYS.sign(checkpoint, now_s=time_s))
    identity, status = verdicts[place]
    return Receipt(identity, status, place, tuple(inclusion_path(levels, place)), signed, proof.encode())


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
