"""ECDSA on the curve P-256 with SHA-256 (FIPS 186-5): raw keys and signatures, by a fast library.

A signature r || s of a message under a key is valid if and only if the key is 04 || x || y with both below the field's
prime and lies on the curve, r and s are whole numbers from 1 to n - 1, and FIPS 186-5, section 6.4.2, accepts. Both s
and n - s hold: WebCrypto, passkeys and secure elements make either, and no id depends on which.

```python
key = SigningKey(secret)
verify(key.public_key, key.sign(message), message)      # or raises InvalidSignatureError
```
"""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tongbao.coin.zip215 import InvalidSignatureError

__all__ = ["PUBLIC_KEY_BYTES", "SIGNATURE_BYTES", "SigningKey", "is_key", "verify"]

PUBLIC_KEY_BYTES = 65
SIGNATURE_BYTES = 64

_NUMBER_BYTES = 32
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # the order of the base point, a prime


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret number with what signing derives from it once.

    Attributes:
        secret: the number d, 1 to n - 1; never shown by `repr`.
        public_key: [d]G as 04 || x || y, the 65-byte key that verifies.
    """

    secret: int = field(repr=False)
    public_key: bytes = field(init=False, compare=False)
    _private_key: EllipticCurvePrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.secret < _N:
            raise ValueError("a P-256 secret is a number from 1 to the group order less 1")
        private_key = derive_private_key(self.secret, SECP256R1())
        object.__setattr__(self, "_private_key", private_key)
        point = private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        object.__setattr__(self, "public_key", point)

    def sign(self, message: bytes) -> bytes:
        """The signature of RFC 6979: the same 64 bytes each time."""
        r, s = decode_dss_signature(self._private_key.sign(message, ECDSA(SHA256(), deterministic_signing=True)))
        return r.to_bytes(_NUMBER_BYTES, "big") + s.to_bytes(_NUMBER_BYTES, "big")


def is_key(public_key: bytes) -> bool:
    """Whether the bytes are a point of the curve, uncompressed."""
    return _decode(public_key) is not None


def verify(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Return if the signature is valid by the rule above.

    Raises:
        InvalidSignatureError: it is not; the message says why.
    """
    key = _decode(public_key)
    if key is None:
        raise InvalidSignatureError("the public key is not 04 || x || y of a point on the curve", field="public_key")
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidSignatureError(
            f"a P-256 signature has {SIGNATURE_BYTES} bytes, this one {len(signature)}", field="signature"
        )
    r = int.from_bytes(signature[:_NUMBER_BYTES], "big")
    s = int.from_bytes(signature[_NUMBER_BYTES:], "big")
    if not (1 <= r < _N and 1 <= s < _N):
        raise InvalidSignatureError("r and s are not both from 1 to the group order less 1", field="signature")
    try:
        key.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
    except InvalidSignature:
        raise InvalidSignatureError(
            "the signature was not made by this key over this message", field="signature"
        ) from None


def _decode(public_key: bytes) -> EllipticCurvePublicKey | None:
    if len(public_key) != PUBLIC_KEY_BYTES or public_key[0] != 4:  # noqa: PLR2004 - SEC 1: 4 says uncompressed
        return None
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
    except ValueError:  # not on the curve, or a coordinate that is not below the prime
        return None
