"""Forks of a log: two checkpoints by one key that no single history contains, and how anyone proves it.

A proof of consistency leads from its hashes to two roots, of the shorter tree and of the longer. Where a log signed the
longer root and, for the shorter size, another root than the proof leads to, it signed two histories: no choice of
hashes makes an honest log look so, short of a collision of SHA-256. Where the proof leads nowhere, nothing is proven,
since whoever handed it in may have made it up.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.signed_text import SignedText, SignedTextInvalidError, base64_bytes, base64_text
from tongbao.evidence.signing import VerifierKey, verify
from tongbao.evidence.tree import ProofInvalidError, consistent_roots

__all__ = ["FORK_BYTES_MAX", "PROOF_HASHES_MAX", "Fork", "proven_roots"]

PROOF_HASHES_MAX = 63  # tlog-witness; a tree below 2**63 entries needs no more
FORK_FORMAT = "tongbao/log-fork/1"
FORK_BYTES_MAX = 4_000_000  # two signed texts of the largest size and a proof, in JSON


class ForkUnprovenError(RequestError):
    """Two checkpoints that may well be of one history."""

    code = "FORK_UNPROVEN"


def proven_roots(
    proof: Sequence[bytes], *, old_size: int, new_size: int, old_root: bytes = b""
) -> tuple[bytes, bytes] | None:
    """The roots of the shorter and the longer tree to which a proof of consistency leads; None where it leads nowhere.

    Where the old tree is a complete one, the proof leaves its root out, which then is `old_root`.
    """
    if old_size == new_size:
        return None
    try:
        return consistent_roots(proof, old_size=old_size, new_size=new_size, old_root=old_root)
    except ProofInvalidError:
        return None


@dataclass(frozen=True, slots=True)
class Fork:
    """Two signed checkpoints, and what does not fit between them.

    Attributes:
        first: the signed checkpoint of the shorter tree, or of the same size.
        second: the signed checkpoint of the longer one.
        proof: of consistency from `other_root` to the second's root; empty where both have one size.
        other_root: a root of the first's size in the second's history; empty where it follows from the proof.
    """

    first: SignedText
    second: SignedText
    proof: tuple[bytes, ...] = ()
    other_root: bytes = b""

    def demand(self, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, Checkpoint]:
        """Return both checkpoints if one of the log's keys signed two histories; needs nothing else.

        Raises:
            SignedTextInvalidError: not both are signed by the log.
            ForkUnprovenError: they are, but may be of one history.
        """
        first, second = self._signed_by(keys)
        if first.origin != second.origin:
            raise ForkUnprovenError("the checkpoints are of two logs", field="origin")
        if first.size == second.size:
            if first.root == second.root:
                raise ForkUnprovenError("both checkpoints say the same", field="root")
            return first, second
        found = proven_roots(self.proof, old_size=first.size, new_size=second.size, old_root=self.other_root)
        if found is None or found[1] != second.root:
            raise ForkUnprovenError("the proof does not lead to the second checkpoint", field="proof")
        if found[0] == first.root:
            raise ForkUnprovenError("the second checkpoint continues the first", field="proof")
        return first, second

    def _signed_by(self, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, Checkpoint]:
        checkpoints = []
        for signed in (self.first, self.second):
            checkpoint = Checkpoint.decode(signed.text)
            if not any(key.name == checkpoint.origin for key in keys):
                raise SignedTextInvalidError("no key given here is that of the log", field="origin")
            verify(signed, [key for key in keys if key.name == checkpoint.origin])
            checkpoints.append(checkpoint)
        return checkpoints[0], checkpoints[1]

    def encode(self) -> bytes:
        """A file in JSON, which anyone can read and check."""
        content = {
            "format": FORK_FORMAT,
            "first": self.first.encode().decode(),
            "second": self.second.encode().decode(),
            "proof": [base64_text(each) for each in self.proof],
            "other_root": base64_text(self.other_root),
        }
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

    @staticmethod
    def decode(data: bytes) -> "Fork":
        """The fork whose file holds `data`; whether it proves anything, `demand` says.

        Raises:
            DecodingError: it is no such file.
        """
        if len(data) > FORK_BYTES_MAX:
            raise DecodingError(f"a file of a fork has at most {FORK_BYTES_MAX} bytes")
        try:
            content = json.loads(data)
            if content["format"] != FORK_FORMAT:
                raise DecodingError("the format of the file is unknown", field="format")
            proof = tuple(base64_bytes(each, field="proof") for each in content["proof"])
            texts = [SignedText.decode(content[name].encode()) for name in ("first", "second")]
            other_root = base64_bytes(content["other_root"], field="other_root")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise DecodingError("this is no file of a fork") from None
        return Fork(texts[0], texts[1], proof[:PROOF_HASHES_MAX], other_root)
