"""Histories of a log as a witness is shown them: its checkpoints, and proofs that they grow."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tongbao.evidence import Checkpoint, SignatureKind, SignedText, SigningKey
from tongbao.evidence.tree import EMPTY_ROOT, Node, consistency_proof, leaf_hash, subtree_root
from tongbao.protocol.log_witness import CheckpointSubmission

__all__ = ["LOG", "ORIGIN", "LogHistory"]

ORIGIN = "tongbao/0123456789abcdef"
LOG = SigningKey(ORIGIN, SignatureKind.ED25519, b"l" * 32)


@dataclass(frozen=True)
class LogHistory:
    """A log with these entries, which `key` signs under the name of its origin."""

    entries: Sequence[bytes] = tuple(b"entry %d" % number for number in range(40))
    key: SigningKey = LOG
    leaves: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "leaves", [leaf_hash(entry) for entry in self.entries])

    def rewritten_at(self, place: int) -> "LogHistory":
        """The same history with another entry at one place."""
        return LogHistory([*self.entries[:place], b"rewritten", *self.entries[place + 1 :]], self.key)

    def node(self, place: Node) -> bytes:
        level, number = place
        return subtree_root(self.leaves[number << level : (number + 1) << level])

    def checkpoint(self, size: int) -> SignedText:
        root = subtree_root(self.leaves[:size]) if size else EMPTY_ROOT
        text = Checkpoint(self.key.name, size, root).encode()
        return SignedText(text, (self.key.sign(text),))

    def proof(self, old_size: int, size: int) -> tuple[bytes, ...]:
        return consistency_proof(old_size, size, self.node) if old_size else ()

    def submission(self, old_size: int, size: int) -> CheckpointSubmission:
        return CheckpointSubmission.of(self.checkpoint(size), old_size=old_size, proof=self.proof(old_size, size))
