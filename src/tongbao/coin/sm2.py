"""SM2 signatures with SM3 (GB/T 32918.2-2016) in plain Python: the rule itself, to read, and for the reference kernel.

A signature r || s of a message M under a key P = (x, y) is valid if and only if

1. P is given as 04 || x || y with x and y below the field's prime, and lies on the curve;
2. r and s are whole numbers from 1 to n - 1, where n is the order of the base point G, and t = r + s mod n is not 0;
3. [s]G + [t]P is a point (x1, y1), not the neutral one, and e + x1 = r modulo n.

Here e = SM3(Z || M) as a number, and Z = SM3(0080 || identity || a || b || G || P) with one identity for all keys, the
constant that the standard's examples use, so that a key and a message alone decide.

```python
key = SigningKey(secret)
verify(key.public_key, key.sign(message), message)      # or raises InvalidSignatureError
```
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from tongbao.coin.ed25519 import SlowBudget
from tongbao.coin.zip215 import InvalidSignatureError

__all__ = ["IDENTITY", "SigningKey", "is_key", "nonces", "sign_number", "sign_with_nonce", "signed_number", "verify"]

PUBLIC_KEY_BYTES = 65
SIGNATURE_BYTES = 64
IDENTITY = b"1234567812345678"

_NUMBER_BYTES = 32
_P = 2**256 - 2**224 - 2**96 + 2**64 - 1  # the field's prime
_A = -3  # the curve is y² = x³ - 3x + b (GB/T 32918.5-2017)
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123  # the order of G, a prime
_GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
_GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0

# Homogeneous coordinates (X, Y, Z) stand for x = X/Z and y = Y/Z; the neutral point has Z = 0.
_Point: TypeAlias = tuple[int, int, int]
_NEUTRAL: _Point = (0, 1, 0)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret number with what signing derives from it once. Not in constant time: a wallet's key belongs elsewhere.

    Attributes:
        secret: the number d, 1 to n - 2; never shown by `repr`.
        public_key: [d]G as 04 || x || y, the 65-byte key that verifies.
    """

    secret: int = field(repr=False)
    public_key: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # n - 1 has no inverse of 1 + d, so nobody could sign with it.
        if not 1 <= self.secret <= _N - 2:
            raise ValueError("an SM2 secret is a number from 1 to the group order less 2")
        object.__setattr__(self, "public_key", _encode(_affine(_sum(self.secret, 0, _BASE))))

    def sign(self, message: bytes) -> bytes:
        """A signature of the message: the same 64 bytes each time.

        The nonce is RFC 6979's with HMAC-SM3 over secret and e, so it needs no dice and repeats for no other message.
        """
        digest = signed_number(self.public_key, message).to_bytes(_NUMBER_BYTES, "big")
        signatures = (sign_with_nonce(self, message, nonce) for nonce in nonces(self.secret, digest))
        return next(signature for signature in signatures if signature is not None)


def sign_with_nonce(key: SigningKey, message: bytes, nonce: int) -> bytes | None:
    """The signature that a nonce gives, or None where the standard asks for another one.

    For vectors; two signatures with one nonce give the secret away.
    """
    return sign_number(key.secret, signed_number(key.public_key, message), nonce)


def sign_number(secret: int, number: int, nonce: int) -> bytes | None:
    """The signature of e with a nonce of 1 to n - 1, or None where the standard asks for another nonce."""
    if not 1 <= nonce < _N:
        return None
    x, _ = _affine(_sum(nonce, 0, _BASE))
    r = (number + x) % _N
    s = pow(1 + secret, -1, _N) * (nonce - r * secret) % _N
    if r == 0 or r + nonce == _N or s == 0:
        return None
    return r.to_bytes(_NUMBER_BYTES, "big") + s.to_bytes(_NUMBER_BYTES, "big")


def is_key(public_key: bytes) -> bool:
    """Whether the bytes are a key for which somebody can sign: a point of the curve other than -G.

    The secret of -G would be n - 1, and by that number nobody can sign.
    """
    point = _decode(public_key)
    return point is not None and point != (_GX, _P - _GY, 1)


def verify(public_key: bytes, signature: bytes, message: bytes, *, budget: SlowBudget | None = None) -> None:
    """Return if the signature is valid by the rule above; it takes milliseconds.

    `budget` is charged for what turns out invalid: a home that sends only what it has judged itself is not rationed.

    Raises:
        InvalidSignatureError: it is not; the message says which of the rule's conditions fails.
        SlowBudgetExhaustedError: nothing is known, since `budget` is used up.
    """
    key = _decode(public_key)
    if key is None:
        raise InvalidSignatureError("the public key is not 04 || x || y of a point on the curve", field="public_key")
    r, s = _numbers(signature)
    if budget is not None:
        budget.take()
    total = _sum(s, (r + s) % _N, key)
    if total[2] == 0 or (signed_number(public_key, message) + _affine(total)[0] - r) % _N != 0:
        raise InvalidSignatureError("the signature was not made by this key over this message", field="signature")
    if budget is not None:
        budget.give_back()


def signed_number(public_key: bytes, message: bytes) -> int:
    """The number e that is signed in place of the message."""
    curve = b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in (_A % _P, _B, _GX, _GY))
    length = (len(IDENTITY) * 8).to_bytes(2, "big")
    identity_hash = _sm3(length + IDENTITY + curve + public_key[1:])
    return int.from_bytes(_sm3(identity_hash + message), "big")


def _sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _numbers(signature: bytes) -> tuple[int, int]:
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidSignatureError(
            f"an SM2 signature has {SIGNATURE_BYTES} bytes, this one {len(signature)}", field="signature"
        )
    r = int.from_bytes(signature[:_NUMBER_BYTES], "big")
    s = int.from_bytes(signature[_NUMBER_BYTES:], "big")
    if not (1 <= r < _N and 1 <= s < _N):
        raise InvalidSignatureError("r and s are not both from 1 to the group order less 1", field="signature")
    if r + s == _N:
        raise InvalidSignatureError("r and s add up to the group order", field="signature")
    return r, s


def _decode(public_key: bytes) -> _Point | None:
    if len(public_key) != PUBLIC_KEY_BYTES or public_key[0] != 4:  # noqa: PLR2004 - SEC 1: 4 says uncompressed
        return None
    x = int.from_bytes(public_key[1:33], "big")
    y = int.from_bytes(public_key[33:], "big")
    if x >= _P or y >= _P or (y * y - x * x * x - _A * x - _B) % _P != 0:
        return None
    return x, y, 1


def _encode(affine: tuple[int, int]) -> bytes:
    x, y = affine
    return b"\x04" + x.to_bytes(_NUMBER_BYTES, "big") + y.to_bytes(_NUMBER_BYTES, "big")


def _affine(point: _Point) -> tuple[int, int]:
    x, y, z = point
    inverse = pow(z, -1, _P)
    return x * inverse % _P, y * inverse % _P


def _add(left: _Point, right: _Point) -> _Point:
    """The sum by one formula without exceptions: it holds for equal, opposite and neutral points, too.

    Renes, Costello and Batina 2016, section 3; complete on every curve whose order is odd, and this one's is prime.
    """
    x1, y1, z1 = left
    x2, y2, z2 = right
    xx, yy, zz = x1 * x2 % _P, y1 * y2 % _P, z1 * z2 % _P
    xy, xz, yz = (x1 * y2 + x2 * y1) % _P, (x1 * z2 + x2 * z1) % _P, (y1 * z2 + y2 * z1) % _P
    middle = (_A * xz + 3 * _B * zz) % _P
    outer = (_A * xx + 3 * _B * xz - _A * _A * zz) % _P
    slope = 3 * xx + _A * zz
    minus, plus = yy - middle, yy + middle
    return (xy * minus - yz * outer) % _P, (plus * minus + slope * outer) % _P, (yz * plus + xy * slope) % _P


def _multiples(point: _Point) -> tuple[_Point, ...]:
    """The multiples 0..15, one for each value of four bits."""
    multiples = [_NEUTRAL]
    for _ in range(15):
        multiples.append(_add(multiples[-1], point))
    return tuple(multiples)


def _sum(base_scalar: int, scalar: int, point: _Point) -> _Point:
    """[base_scalar]G + [scalar]point, both scalars below n, in one pass, four bits at a time (Straus 1964)."""
    multiples = _multiples(point)
    total = _NEUTRAL
    for shift in range(252, -1, -4):
        for _ in range(4):
            total = _add(total, total)
        total = _add(total, _BASE_MULTIPLES[base_scalar >> shift & 15])
        total = _add(total, multiples[scalar >> shift & 15])
    return total


def nonces(secret: int, digest: bytes) -> Iterator[int]:
    """The candidates of RFC 6979, section 3.2, with HMAC-SM3, one after another; n has as many bits as the hash."""
    seed = secret.to_bytes(_NUMBER_BYTES, "big") + (int.from_bytes(digest, "big") % _N).to_bytes(_NUMBER_BYTES, "big")
    value, key = b"\x01" * _NUMBER_BYTES, bytes(_NUMBER_BYTES)
    for separator in (b"\x00", b"\x01"):
        key = hmac.digest(key, value + separator + seed, "sm3")
        value = hmac.digest(key, value, "sm3")
    while True:
        value = hmac.digest(key, value, "sm3")
        yield int.from_bytes(value, "big")
        key = hmac.digest(key, value + b"\x00", "sm3")
        value = hmac.digest(key, value, "sm3")


_BASE: _Point = (_GX, _GY, 1)
_BASE_MULTIPLES = _multiples(_BASE)
