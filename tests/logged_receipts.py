"""Receipts of a batch of five, behind twenty earlier entries of a log, each with its proof."""

from collections.abc import Callable
from hashlib import sha256

from tests.builders import CENTRE, DOMAIN, signer
from tests.log_world import log_keys
from tongbao.coin import BatchHead, Domain, PublicKey, Receipt, SignedHead
from tongbao.coin.merkle import inclusion_path, tree_levels
from tongbao.coin.receipt import receipt_entry, receipt_leaf
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.log_proof import LogProof, origin_of
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.tiles import TileTail, entry_row, node_in
from tongbao.evidence.tree import inclusion_proof

__all__ = ["BEFORE", "KEYS", "NOW_S", "PLACE", "REFUSED_PLACE", "SEQUENCE", "STATUSES", "Sign", "ids", "logged"]

Sign = Callable[[Checkpoint], SignedText]

KEYS = log_keys(DOMAIN.network_id)
NOW_S = 1_767_225_700
SEQUENCE = 7
STATUSES = (0, 0, 17, 0, 0)
PLACE = 3
"""Of the receipt in its batch."""
REFUSED_PLACE = 2
BEFORE = 20
"""Entries of earlier batches."""


def ids() -> list[bytes]:
    """The batch's transactions."""
    return [sha256(b"transaction %d" % number).digest() for number in range(len(STATUSES))]


def _by_the_log(checkpoint: Checkpoint) -> SignedText:
    return KEYS.sign(checkpoint, now_s=NOW_S)


def logged(place: int = PLACE, domain: Domain = DOMAIN, sign: Sign = _by_the_log) -> Receipt:
    """The receipt of a transaction in the batch, with its proof under a checkpoint that `sign` signs."""
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
    proof = LogProof(index, path, sign(checkpoint))
    identity, status = verdicts[place]
    return Receipt(identity, status, place, tuple(inclusion_path(levels, place)), signed, proof.encode())
