"""What a receipt carries so that its entry can be found in the log by whoever has the log's public keys alone.

The format is C2SP's tlog-proof: a line that names it, the entry's index, the siblings up to the root, an empty line,
and the signed checkpoint as the log published it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tongbao.coin import Receipt
from tongbao.coin.domain import Domain, HashKind
from tongbao.coin.receipt import ReceiptInvalidError, receipt_entry
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.checkpoint import Checkpoint, read_size
from tongbao.evidence.signed_text import SignedText, base64_bytes, base64_text
from tongbao.evidence.signing import Verified, VerifierKey, verify
from tongbao.evidence.tree import leaf_hash, verify_inclusion

__all__ = ["LogProof", "LoggedReceipt", "origin_of", "prove_logged"]

FIRST_LINE = "c2sp.org/tlog-proof@v1"
PATH_MAX = 63  # a tree has fewer than 2**63 entries
PROOF_BYTES_MAX = 65_535  # what a receipt has room for; the cosignatures of a dozen witnesses of ML-DSA-44 fit

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


def origin_of(network_id: bytes) -> str:
    """The origin of a network's log, which is the name of the log's keys, too."""
    return f"tongbao/{network_id.hex()}"


@dataclass(frozen=True, slots=True)
class LogProof:
    """Where an entry stands in a log, and a signed checkpoint that covers it.

    Attributes:
        index: of the entry.
        path: the siblings from the entry's leaf up.
        signed: the checkpoint with its signatures.
    """

    index: int
    path: tuple[bytes, ...]
    signed: SignedText

    def encode(self) -> bytes:
        """The proof as text.

        Raises:
            RequestError: a receipt has no room for so many signatures.
        """
        lines = [FIRST_LINE, f"index {self.index}", *map(base64_text, self.path), ""]
        encoded = "\n".join(lines).encode() + b"\n" + self.signed.encode()
        if len(encoded) > PROOF_BYTES_MAX:
            raise RequestError(f"a log proof has at most {PROOF_BYTES_MAX} bytes, this one {len(encoded)}")
        return encoded

    @staticmethod
    def decode(data: bytes) -> "LogProof":
        """The proof whose whole text is `data`.

        Raises:
            DecodingError: it is none.
        """
        head, between, signed = data.partition(b"\n\n")
        lines = head.decode(errors="replace").split("\n")
        found = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
        if not between or lines[0] != FIRST_LINE or found is None:
            raise DecodingError(f"a log proof begins with {FIRST_LINE} and an index", field="log_proof")
        if len(lines) - 2 > PATH_MAX:
            raise DecodingError(f"a log proof has at most {PATH_MAX} hashes", field="log_proof")
        path = tuple([base64_bytes(line, field="log_proof") for line in lines[2:]])
        return LogProof(read_size(found[1], field="log_proof"), path, SignedText.decode(signed))

    def verify(self, entry: bytes, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, tuple[Verified, ...]]:
        """The checkpoint that covers `entry`, and those of its signatures that are by `keys`.

        Raises:
            SignedTextInvalidError: none is, or one that is does not hold.
            ProofInvalidError: the entry does not stand there.
            DecodingError: what is signed is no checkpoint.
        """
        signatures = verify(self.signed, keys)
        checkpoint = Checkpoint.decode(self.signed.text)
        leaf = leaf_hash(entry)
        verify_inclusion(leaf, self.path, index=self.index, size=checkpoint.size, root=checkpoint.root)
        return checkpoint, signatures


@dataclass(frozen=True, slots=True)
class LoggedReceipt:
    """What a receipt with a log proof proves to whoever knows nothing but the log's keys.

    Attributes:
        receipt: its transaction, status and batch are proven.
        index: of its entry in the log.
        checkpoint: which covers it.
        logged_by_s: seconds since 1970, by the log's own clock, when the entry was in it at the latest; None where no
            known signature has a time.
    """

    receipt: Receipt
    index: int
    checkpoint: Checkpoint
    logged_by_s: int | None


def prove_logged(receipt: Receipt, keys: Sequence[VerifierKey]) -> LoggedReceipt:
    """What the receipt proves, given the log's public keys; needs nothing else.

    The signature of the batch's head is checked too, by the key that it names: whether that key is the centre's, and
    with it the batch's own time, only genesis tells.

    Raises:
        ReceiptInvalidError: the receipt carries no proof, is of another network, or contradicts its batch's head.
        SignedTextInvalidError: the checkpoint is not signed by the log's keys.
        ProofInvalidError: the receipt's status is not what the log holds.
        DecodingError: what it carries is no log proof.
    """
    if not receipt.log_proof:
        raise ReceiptInvalidError("the receipt carries no proof from the log: fetch one first", field="log_proof")
    network_id = receipt.signed_head.head.network_id
    names = {key.name for key in keys}
    if names != {origin_of(network_id)}:
        raise ReceiptInvalidError("the receipt is of another network than the log's keys", field="network_id")
    proof = LogProof.decode(receipt.log_proof)
    hash_kind = _hash_kind_of(receipt, network_id)
    entry = receipt_entry(
        receipt.transaction_id, receipt.status, receipt.signed_head.head.sequence, Domain(network_id, hash_kind)
    )
    checkpoint, signatures = proof.verify(entry, keys)
    if checkpoint.origin not in names:
        raise ReceiptInvalidError("the checkpoint is of another log", field="log_proof")
    times = [each.time_s for each in signatures if each.time_s is not None]
    return LoggedReceipt(receipt, proof.index, checkpoint, min(times, default=None))


def _hash_kind_of(receipt: Receipt, network_id: bytes) -> HashKind:
    """The ledger's H: the one by which the receipt leads to its batch's head, whose signature holds."""
    for hash_kind in HashKind:
        domain = Domain(network_id, hash_kind)
        try:
            receipt.verify_path(domain)
        except ReceiptInvalidError:
            continue
        receipt.signed_head.verify(domain)
        return hash_kind
    raise ReceiptInvalidError("the receipt does not belong to the batch that it names", field="path")
