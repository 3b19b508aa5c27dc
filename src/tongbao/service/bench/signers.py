"""Owners of coins in each suite, for transactions that a bench makes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from tongbao.coin import PublicKey, ed25519, p256, sm2
from tongbao.coin.passkey import Assertion, PasskeyKey, client_data
from tongbao.coin.suites import Suite

__all__ = ["Owner", "SuiteChoice", "owners_of"]

RP_ID = "pay.example"
ORIGIN = "https://pay.example"
_PRESENT_AND_VERIFIED = b"\x05\x00\x00\x00\x00"  # flags, and a counter that authenticators may leave at 0


class SuiteChoice(StrEnum):
    """By which suite the owners sign."""

    ED25519 = "ed25519"
    P256 = "p256"
    PASSKEY = "passkey"
    SM2 = "sm2"
    MIXED = "mixed"
    """Each of them in turn."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose coins they are.

    Attributes:
        key: of the owner.
        sign: signs a digest.
    """

    key: PublicKey
    sign: Callable[[bytes], bytes]


def owners_of(choice: SuiteChoice, seed: bytes) -> list[Owner]:
    """The owners that spend in turn; the same seed gives the same."""
    makers = {
        SuiteChoice.ED25519: _ed25519,
        SuiteChoice.P256: _p256,
        SuiteChoice.PASSKEY: _passkey,
        SuiteChoice.SM2: _sm2,
    }
    chosen = list(makers) if choice is SuiteChoice.MIXED else [choice]
    return [makers[each](sha256(seed + each.encode()).digest()) for each in chosen]


def _number(secret: bytes) -> int:
    return int.from_bytes(secret[:31], "big") + 1  # below the order of either curve


def _ed25519(secret: bytes) -> Owner:
    key = ed25519.SigningKey(secret)
    return Owner(PublicKey.ed25519(key.public_key), key.sign)


def _p256(secret: bytes) -> Owner:
    key = p256.SigningKey(_number(secret))
    return Owner(PublicKey(Suite.P256, key.public_key), key.sign)


def _sm2(secret: bytes) -> Owner:
    key = sm2.SigningKey(_number(secret))
    return Owner(PublicKey(Suite.SM2, key.public_key), key.sign)


def _passkey(secret: bytes) -> Owner:
    key = p256.SigningKey(_number(secret))
    rp_id_hash = sha256(RP_ID.encode()).digest()
    authenticator_data = rp_id_hash + _PRESENT_AND_VERIFIED

    def sign(digest: bytes) -> bytes:
        data = client_data(digest, ORIGIN) + b"}"
        signature = key.sign(authenticator_data + sha256(data).digest())
        return Assertion(authenticator_data, data, signature).encode()

    return Owner(PublicKey(Suite.PASSKEY, PasskeyKey(rp_id_hash, key.public_key, ORIGIN).encode()), sign)
