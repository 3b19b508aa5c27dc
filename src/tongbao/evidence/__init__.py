"""Evidence: what outsiders can check without trusting who tells them. Pure; knows nothing of the kernel.

The registration centre's log of verdicts is published as C2SP describes (signed-note, tlog-checkpoint,
tlog-cosignature, tlog-policy, tlog-tiles), so that tools which nobody here wrote read it, too:

    signed = SignedText.decode(data)                    # the text and who says that they signed it
    policy.judge(signed).demand()                       # the log signed it, and so did a quorum of witnesses
    checkpoint = Checkpoint.decode(signed.text)         # origin, size and root of the tree

C2SP calls such a text a note; here that word is taken, since a coin has often been called so.
"""

from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.policy import Policy
from tongbao.evidence.signed_text import SignatureLine, SignedText, SignedTextInvalidError
from tongbao.evidence.signing import SignatureKind, SigningKey, VerifierKey, verify

__all__ = [
    "Checkpoint",
    "Policy",
    "SignatureKind",
    "SignatureLine",
    "SignedText",
    "SignedTextInvalidError",
    "SigningKey",
    "VerifierKey",
    "verify",
]
