"""Ed25519: signing with a fast library, verifying by ZIP 215 exactly.

What the fast library accepts is valid. What it refuses is judged again by `zip215`, which is slow, so a submitter's
share of it can be limited by a `SlowBudget`; replaying a journal goes without one.

```python
key = SigningKey(secret_seed)
verify(key.public_key, key.sign(message), message)      # or raises InvalidSignatureError
```
"""

from dataclasses import dataclass, field

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from tongbao.coin import zip215
from tongbao.coin.zip215 import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, InvalidSignatureError
from tongbao.errors import BusyError

__all__ = [
    "PUBLIC_KEY_BYTES",
    "SECRET_SEED_BYTES",
    "SIGNATURE_BYTES",
    "InvalidSignatureError",
    "SigningKey",
    "SlowBudget",
    "SlowBudgetExhaustedError",
    "public_key",
    "sign",
    "verify",
    "verify_fast",
]

SECRET_SEED_BYTES = 32


class SlowBudgetExhaustedError(BusyError):
    """The submitter's share of slow judgements is used up; nothing is known of the signature.

    It is answered by HTTP 429, never by a status: how many slow judgements fit is no property of a transaction.
    """


@dataclass(slots=True)
class SlowBudget:
    """How many signatures of one submitter may still be judged slowly.

    Attributes:
        allowed: slow judgements in all; set by whoever rations them.
        used: slow judgements made so far, to be charged to the submitter.
    """

    allowed: int
    used: int = 0

    def take(self) -> None:
        """Count one slow judgement.

        Raises:
            SlowBudgetExhaustedError: none is left.
        """
        if self.used >= self.allowed:
            raise SlowBudgetExhaustedError(
                f"all {self.allowed} slow signature checks are used up; valid signatures of the ordinary form need none"
            )
        self.used += 1

    def give_back(self) -> None:
        """Uncount the judgement just made: it found what an honest submitter sends."""
        self.used -= 1


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret seed with what signing derives from it once.

    Attributes:
        secret_seed: the 32 secret bytes of RFC 8032; never shown by `repr`.
        public_key: the 32-byte key that verifies.
    """

    secret_seed: bytes = field(repr=False)
    public_key: bytes = field(init=False, compare=False)
    # The library's form of the secret key. It is derived here and never given: a seed that signs beside another key's
    # public half gives itself away by two signatures.
    _secret_key: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret_seed) != SECRET_SEED_BYTES:
            raise ValueError(f"a secret seed has {SECRET_SEED_BYTES} bytes, this one {len(self.secret_seed)}")
        key, secret_key = crypto_sign_seed_keypair(self.secret_seed)
        object.__setattr__(self, "public_key", key)
        object.__setattr__(self, "_secret_key", secret_key)

    def sign(self, message: bytes) -> bytes:
        """The signature of RFC 8032: the same 64 bytes each time."""
        return crypto_sign(message, self._secret_key)[:SIGNATURE_BYTES]


def sign(secret_seed: bytes, message: bytes) -> bytes:
    """Sign once; whoever signs more often with one seed keeps a `SigningKey`, which halves the time."""
    return SigningKey(secret_seed).sign(message)


def public_key(secret_seed: bytes) -> bytes:
    """The public key of a secret seed."""
    return SigningKey(secret_seed).public_key


def verify(public_key: bytes, signature: bytes, message: bytes, *, budget: SlowBudget | None = None) -> None:
    """Return if the signature is valid by ZIP 215; the message is as long as the caller allows.

    Raises:
        InvalidSignatureError: it is not; the message says why.
        SlowBudgetExhaustedError: only a slow judgement could tell, and `budget` has none left.
    """
    zip215.check_form(public_key, signature)
    if _library_accepts(public_key, signature, message):
        return
    if budget is not None:
        budget.take()
    zip215.verify(public_key, signature, message)


def verify_fast(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the fast library accepts: True means valid by ZIP 215, False means nothing, so alone it is no check."""
    try:
        zip215.check_form(public_key, signature)
    except InvalidSignatureError:
        return False
    return _library_accepts(public_key, signature, message)


def _library_accepts(public_key: bytes, signature: bytes, message: bytes) -> bool:
    # Why acceptance implies ZIP 215, once S < L is checked (some builds of libsodium do not): libsodium hashes the same
    # bytes to k and maps every encoding of A that it does not refuse to the point that ZIP 215 maps it to. Then it
    # compares R with the canonical encoding of [S]B - [k]A; equality means [S]B = R + [k]A, and that times 8 is ZIP
    # 215's equation. (A library that applied the factor 8 itself would check that very equation.) What else it refuses,
    # such as small order and non-canonical encodings, only narrows.
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True
