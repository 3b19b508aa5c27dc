"""What a log hands to a witness, and what it gets back: the bodies of C2SP's tlog-witness."""

from collections.abc import Sequence
from dataclasses import dataclass

from tongbao.errors import DecodingError
from tongbao.evidence.checkpoint import ROOT_BYTES, Checkpoint, read_size
from tongbao.evidence.fork import PROOF_HASHES_MAX
from tongbao.evidence.signed_text import SignatureLine, SignedText, base64_bytes, base64_text

__all__ = ["ADD_CHECKPOINT_BYTES_MAX", "SIZE_TYPE", "CheckpointSubmission", "read_cosignatures"]

# 63 hashes take 3 KiB; 16 signatures, as many as C2SP demands, take 53 KiB where all are post-quantum ones.
ADD_CHECKPOINT_BYTES_MAX = 128 * 1024
SIZE_TYPE = "text/x.tlog.size"

_OLD = "old "


@dataclass(frozen=True, slots=True)
class CheckpointSubmission:
    """A checkpoint, and a proof that it continues the last that this witness cosigned.

    Attributes:
        old_size: of the checkpoint that the log believes to be the witness's last; 0 for none.
        proof: hashes of the proof of consistency from there.
        signed: the checkpoint with at least the log's signature.
        checkpoint: what it says.
    """

    old_size: int
    proof: tuple[bytes, ...]
    signed: SignedText
    checkpoint: Checkpoint

    @staticmethod
    def of(signed: SignedText, *, old_size: int, proof: Sequence[bytes]) -> "CheckpointSubmission":
        """Hand in a signed checkpoint."""
        return CheckpointSubmission(old_size, tuple(proof), signed, Checkpoint.decode(signed.text))

    def encode(self) -> bytes:
        """The body of `add-checkpoint`."""
        lines = [f"{_OLD}{self.old_size}", *(base64_text(each) for each in self.proof), "", ""]
        return "\n".join(lines).encode() + self.signed.encode()

    @staticmethod
    def decode(data: bytes) -> "CheckpointSubmission":
        """The submission whose whole body is `data`.

        Raises:
            DecodingError: it is none, or says that the log has shrunk.
        """
        if len(data) > ADD_CHECKPOINT_BYTES_MAX:
            raise DecodingError(f"a submission has at most {ADD_CHECKPOINT_BYTES_MAX} bytes, this one {len(data)}")
        head, between, signed_text = data.partition(b"\n\n")
        if not between:
            raise DecodingError("a submission is lines, an empty line, and a signed checkpoint")
        try:
            first, *hashes = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise DecodingError("the lines before the checkpoint are ASCII") from None
        if not first.startswith(_OLD):
            raise DecodingError("the first line is `old` and a size", field="old")
        if len(hashes) > PROOF_HASHES_MAX:
            raise DecodingError(f"a proof has at most {PROOF_HASHES_MAX} hashes", field="proof")
        old_size = read_size(first.removeprefix(_OLD), field="old")
        submission = CheckpointSubmission.of(
            SignedText.decode(signed_text), old_size=old_size, proof=[_read_hash(each) for each in hashes]
        )
        if old_size > submission.checkpoint.size:
            raise DecodingError("the checkpoint is shorter than the one before", field="old")
        return submission


def _read_hash(line: str) -> bytes:
    found = base64_bytes(line, field="proof")
    if len(found) != ROOT_BYTES:
        raise DecodingError(f"a hash has {ROOT_BYTES} bytes, this one {len(found)}", field="proof")
    return found


def read_cosignatures(body: bytes) -> tuple[SignatureLine, ...]:
    """The lines that a witness answers with, of which none has been verified.

    Raises:
        DecodingError: they are none.
    """
    return SignedText.decode(b"answer\n\n" + body).signatures
