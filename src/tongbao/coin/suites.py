"""The registry of signature suites, one for ledger and cards: which key bytes and signatures belong to which number.

Each suite has one definition of validity, in a module of its own, the same on every path. Which suites a network takes
is for its rules version to say.
"""

import enum
from dataclasses import dataclass

from tongbao.coin import ed25519, p256, passkey, sm2
from tongbao.coin.ed25519 import SlowBudget
from tongbao.coin.encoding import Reader, demand_unsigned, sized_u16, u8
from tongbao.coin.zip215 import PUBLIC_KEY_BYTES, decode_point, has_small_order
from tongbao.errors import RequestError

__all__ = ["PublicKey", "Suite", "SuiteNotActiveError", "is_usable", "read_signature", "verify_signature"]

SIGNATURE_BYTES_MAX = 4096  # ML-DSA-44 needs 2,420; a passkey assertion about 400
KEY_BYTES_MAX = 2048  # ML-DSA-44 needs 1,312; a passkey with its origin under 400


class Suite(enum.IntEnum):
    """How a key signs. The numbers are permanent; a number that rules do not list as active is refused."""

    ED25519 = 1
    P256 = 2
    PASSKEY = 3
    SM2 = 4
    ML_DSA_44 = 5


SUITES_CURE = "use Ed25519 (suite 1), or where rules 2 are in force P-256 (2), a passkey (3) or SM2 (4)"


class SuiteNotActiveError(RequestError):
    """The suite's number is reserved or unknown, or the rules version in force does not verify it."""

    code = "SUITE_NOT_ACTIVE"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verification key with the suite that gives it meaning.

    Attributes:
        suite: the number of the suite; may be one that is not active.
        key: the suite's own encoding of the key, 1..2,048 bytes (Ed25519: 32; P-256 and SM2: 65; passkey: 99..353).
    """

    suite: int
    key: bytes

    def __post_init__(self) -> None:
        demand_unsigned("suite", self.suite, bits=8)
        if not 1 <= len(self.key) <= KEY_BYTES_MAX:
            raise RequestError(f"a key has 1..{KEY_BYTES_MAX} bytes, this one {len(self.key)}", field="key")

    @staticmethod
    def ed25519(key: bytes) -> "PublicKey":
        """The Ed25519 key in its 32-byte encoding."""
        return PublicKey(Suite.ED25519, key)

    def encode(self) -> bytes:
        """Suite in one byte, then the key behind its length."""
        return u8(self.suite) + sized_u16(self.key)

    @staticmethod
    def read(reader: Reader) -> "PublicKey":
        """The key that starts at the reader's place."""
        return reader.build(PublicKey, reader.u8(), reader.sized_u16())

    @staticmethod
    def decode(data: bytes) -> "PublicKey":
        """The key whose whole encoding is `data`."""
        reader = Reader(data, "key")
        key = PublicKey.read(reader)
        reader.finish()
        return key


def is_usable(key: PublicKey) -> bool:
    """Whether somebody can sign for the key, and not everybody: 32 zero bytes would let anyone."""
    match key.suite:
        case Suite.ED25519:
            point = decode_point(key.key) if len(key.key) == PUBLIC_KEY_BYTES else None
            return point is not None and not has_small_order(point)
        case Suite.P256:
            return p256.is_key(key.key)
        case Suite.PASSKEY:
            return passkey.is_key(key.key)
        case Suite.SM2:
            return sm2.is_key(key.key)
        case _:
            return False


def read_signature(reader: Reader) -> bytes:
    """The signature that starts at the reader's place."""
    signature = reader.sized_u16()
    if len(signature) > SIGNATURE_BYTES_MAX:
        raise reader.error(f"a signature has at most {SIGNATURE_BYTES_MAX} bytes, this one {len(signature)}")
    return signature


def verify_signature(key: PublicKey, signature: bytes, message: bytes, *, budget: SlowBudget | None = None) -> None:
    """Return if `signature` over `message` is valid by the suite's one rule, else raise.

    Raises:
        InvalidSignatureError: it is not.
        SuiteNotActiveError: no rule for this suite is in force.
        SlowBudgetExhaustedError: judging it would exceed the submitter's share of slow judgements.
    """
    match key.suite:
        case Suite.ED25519:
            ed25519.verify(key.key, signature, message, budget=budget)
        case Suite.P256:
            p256.verify(key.key, signature, message)
        case Suite.PASSKEY:
            passkey.verify(key.key, signature, message)
        case Suite.SM2:
            sm2.verify(key.key, signature, message, budget=budget)
        case _:
            raise SuiteNotActiveError(f"suite {key.suite} is not active", field="suite", cure=SUITES_CURE)
