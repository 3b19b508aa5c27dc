"""Sealing a text for a wallet, so that only who has its phrase can read it; its home keeps it and cannot.

    sealed = ephemeral X25519 key (32) || AES-256-GCM of the text, with a tag of 16 bytes
    shared = X25519 of the ephemeral key and the main key, which is Ed25519's and is mapped to X25519's curve
    key    = HKDF-SHA-256(shared, salt = ephemeral key || mapped main key, info = "tongbao/sealed/1")

The key is used once, so the nonce is zero; `context` is bound to the text, and whoever opens it must give the same.
One key for Ed25519 and X25519 is safe: https://eprint.iacr.org/2021/509. age does the same for SSH keys.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.bindings import (
    crypto_sign_ed25519_pk_to_curve25519,
    crypto_sign_ed25519_sk_to_curve25519,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import CryptoError

from tongbao.errors import PeerError, RequestError

__all__ = ["EPHEMERAL_BYTES", "SealBrokenError", "open_sealed", "seal"]

EPHEMERAL_BYTES: Final = 32
"""Dice for one sealing, and the length of the key that they become."""

_KEY_BYTES: Final = 32
_NONCE: Final = bytes(12)
_INFO: Final = b"tongbao/sealed/1"


class SealBrokenError(PeerError):
    """It was not sealed for this wallet and this context, or was changed since."""


def seal(text: bytes, *, main_key: bytes, context: bytes, entropy: bytes) -> bytes:
    """The text for the wallet with this raw Ed25519 main key; `entropy` are 32 bytes that are used for nothing else.

    Raises:
        RequestError: nothing can be sealed for the key: it is none, or one of those few that share with nobody.
    """
    ephemeral = X25519PrivateKey.from_private_bytes(entropy)
    own = ephemeral.public_key().public_bytes_raw()
    try:
        theirs = crypto_sign_ed25519_pk_to_curve25519(main_key)
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(theirs))
    except (CryptoError, ValueError):
        raise RequestError(
            "nothing can be sealed for this key", field="main_key", cure="ask the payee for another address"
        ) from None
    return own + AESGCM(_key(shared, own + theirs)).encrypt(_NONCE, text, context)


def open_sealed(sealed: bytes, *, secret_seed: bytes, context: bytes) -> bytes:
    """The text that was sealed for the Ed25519 key with this seed.

    Raises:
        SealBrokenError: it was sealed for another key or context, or was changed.
    """
    public, secret = crypto_sign_seed_keypair(secret_seed)
    mine = crypto_sign_ed25519_pk_to_curve25519(public)
    try:
        own = X25519PrivateKey.from_private_bytes(crypto_sign_ed25519_sk_to_curve25519(secret))
        theirs = sealed[:EPHEMERAL_BYTES]
        shared = own.exchange(X25519PublicKey.from_public_bytes(theirs))
        return AESGCM(_key(shared, theirs + mine)).decrypt(_NONCE, sealed[EPHEMERAL_BYTES:], context)
    except (InvalidTag, ValueError):
        raise SealBrokenError("this was not sealed for this wallet, or was changed since") from None


def _key(shared: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=salt, info=_INFO).derive(shared)
