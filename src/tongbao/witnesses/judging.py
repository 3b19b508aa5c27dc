"""The one decision of a witness: whether a checkpoint continues the last that it cosigned. Pure."""

import enum
from dataclasses import dataclass

from tongbao.errors import RequestError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.fork import Fork, proven_roots
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.tree import verify_consistency
from tongbao.protocol.log_witness import CheckpointSubmission

__all__ = ["Judgement", "Verdict", "judge"]


class Verdict(enum.Enum):
    """What is to be done with a checkpoint that its log has signed."""

    COSIGN = "cosign"
    OTHER_SIZE = "other size"  # the log thinks of another checkpoint than the last; it is told the size
    OTHER_ROOT = "other root"  # of the same size, which no single history has
    NO_PROOF = "no proof"  # the proof does not lead from the last to this one


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and, where the submission itself proves it, the fork."""

    verdict: Verdict
    fork: Fork | None = None


def judge(known: SignedText | None, submission: CheckpointSubmission) -> Judgement:
    """Judge a submission, whose log signature was verified, against the last checkpoint that was cosigned."""
    last = None if known is None else Checkpoint.decode(known.text)
    new = submission.checkpoint
    if known is not None and last is not None and last.size == new.size and last.root != new.root:
        return Judgement(Verdict.OTHER_ROOT, Fork(known, submission.signed))
    if submission.old_size != (last.size if last else 0):
        return Judgement(Verdict.OTHER_SIZE)
    if known is None or last is None or last.size == 0:
        return Judgement(Verdict.NO_PROOF if submission.proof else Verdict.COSIGN)
    try:
        verify_consistency(
            submission.proof, old_size=last.size, new_size=new.size, old_root=last.root, new_root=new.root
        )
    except RequestError:
        return Judgement(Verdict.NO_PROOF, _fork_shown(known, last, submission))
    return Judgement(Verdict.COSIGN)


def _fork_shown(known: SignedText, last: Checkpoint, submission: CheckpointSubmission) -> Fork | None:
    """The fork that a proof shows which leads to the new root, though not from the old one."""
    found = proven_roots(submission.proof, old_size=last.size, new_size=submission.checkpoint.size)
    if found is None or found[1] != submission.checkpoint.root or found[0] == last.root:
        return None
    return Fork(known, submission.signed, submission.proof)
