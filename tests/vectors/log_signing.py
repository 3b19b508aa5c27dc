"""Who signs the checkpoints of the log's vectors."""

from tests.logged_receipts import KEYS, NOW_S, Sign
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.signed_text import SignatureLine, SignedText, SignedTextInvalidError
from tongbao.evidence.signing import SignatureKind, SigningKey

__all__ = ["OTHER_NAME", "SIGNERS", "Cosignature", "signed_by"]

ORIGIN = KEYS.key.name
OTHER_NAME = "witness.example"


def _post_quantum() -> SigningKey:
    if KEYS.cosigner is None:
        raise ValueError("the log of the vectors has a cosigner")
    return KEYS.cosigner


SIGNERS = {
    "log": KEYS.key,
    "log, with its time": SigningKey(ORIGIN, SignatureKind.COSIGNATURE_ED25519, bytes([3]) * 32),
    "log, ML-DSA-44": _post_quantum(),
    "another key of the log's name": SigningKey(ORIGIN, SignatureKind.ED25519, bytes([9]) * 32),
    "another log": SigningKey(f"tongbao/{'ab' * 32}", SignatureKind.ED25519, bytes([4]) * 32),
    "a witness": SigningKey(OTHER_NAME, SignatureKind.COSIGNATURE_ED25519, bytes([5]) * 32),
}
"""By the names that the vectors call the keys."""


def signed_by(*names: str, time_s: int = NOW_S) -> Sign:
    """Who signs a checkpoint with these keys of Ed25519."""

    def sign(checkpoint: Checkpoint) -> SignedText:
        text = checkpoint.encode()
        keys = [SIGNERS[name] for name in names]
        lines = [key.sign(text, time_s=time_s if key.kind.is_cosignature else None) for key in keys]
        return SignedText(text, tuple(lines))

    return sign


class Cosignature:
    """The ML-DSA-44 signature of the vectors: one that is valid is kept, because each signing gives another.

    Attributes:
        line: as it stands under the checkpoint; empty before the first.
    """

    def __init__(self, known: str | None) -> None:
        self.line = known or ""

    def sign(self, checkpoint: Checkpoint) -> SignedText:
        """The checkpoint as the log signs it: with Ed25519 and ML-DSA-44."""
        text = checkpoint.encode()
        if not self._holds(text):
            self.line = _post_quantum().sign(text, time_s=NOW_S).encode()
        return SignedText(text, (KEYS.key.sign(text), SignatureLine.decode(self.line.rstrip("\n"))))

    def _holds(self, text: str) -> bool:
        if not self.line:
            return False
        try:
            _post_quantum().verifier_key.verify(SignatureLine.decode(self.line.rstrip("\n")), text)
        except SignedTextInvalidError:
            return False
        return True
