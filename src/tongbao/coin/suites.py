"""The registry of signature suites, one for ledger and cards: which key bytes and signatures belong to which number."""

import enum
from dataclasses import dataclass

from tongbao.coin.ed25519 import SlowBudget, verify
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


class SuiteNotActiveError(RequestError):
    """The suite's number is reserved or unknown, and no rules version in force verifies it."""

    code = "SUITE_NOT_ACTIVE"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verification key with the suite that gives it meaning.

    Attributes:
        suite: the number of the suite; may be one that is not active.
        key: the suite's own encoding of the key, 1..2,048 bytes (Ed25519: 32).
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
    if key.suite != Suite.ED25519 or len(key.key) != PUBLIC_KEY_BYTES:
        return False
    point = decode_point(key.key)
    return point is not None and not has_small_order(point)


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
    if key.suite != Suite.ED25519:
        raise SuiteNotActiveError(f"suite {key.suite} is not active", field="suite", cure="use Ed25519 (suite 1)")
    verify(key.key, signature, message, budget=budget)
