"""Ed25519 verification by ZIP 215 in plain Python: the rule itself, to read, and to judge what a fast library refuses.

A signature R || S of a message M under a key A is valid if and only if (https://zips.z.cash/zip-0215):

1. A and R decode to points of the curve, *whether or not* their encodings are canonical;
2. S is a whole number below L, the order of the base point B;
3. [8][S]B = [8]R + [8][k]A, where k = SHA-512(R || A || M) over the bytes as received.

RFC 8032 leaves open whether the factor 8 is applied and how strictly A and R are decoded, and libraries differ in both.
ZIP 215 leaves nothing open, so everybody who checks a signature comes to one result. Checking handles no secrets, so
nothing here takes care to run in constant time.
"""

import hashlib
from typing import TypeAlias

from tongbao.errors import RequestError

__all__ = ["InvalidSignatureError", "L", "P", "Point", "check_form", "decode_point", "has_small_order", "verify"]

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64

P = 2**255 - 19  # the field's prime
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point, a prime
_D = -121665 * pow(121666, -1, P) % P  # the curve is -x² + y² = 1 + d·x²·y²
_SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)

# Extended coordinates (X, Y, Z, T) stand for x = X/Z and y = Y/Z, with T = X·Y/Z (Hisil, Wong, Carter, Dawson 2008).
Point: TypeAlias = tuple[int, int, int, int]
_IDENTITY: Point = (0, 1, 1, 0)


class InvalidSignatureError(RequestError):
    """The signature does not hold for this key and message, or is none at all."""

    code = "SIGNATURE_INVALID"


def verify(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Return if the signature is valid by ZIP 215.

    Raises:
        InvalidSignatureError: it is not; the message says which of the rule's conditions fails.
    """
    check_form(public_key, signature)
    key = decode_point(public_key)
    if key is None:
        raise InvalidSignatureError("the public key is not a point of the curve", field="public_key")
    commitment = decode_point(signature[:32])
    if commitment is None:
        raise InvalidSignatureError("the first half of the signature is not a point of the curve", field="signature")
    # k may be reduced by L although A may have a part of small order: that part vanishes in the factor 8.
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    difference = _add(_base_times_plus(_response(signature), challenge, _negative(key)), _negative(commitment))
    if not has_small_order(difference):
        raise InvalidSignatureError("the signature was not made by this key over this message", field="signature")


def check_form(public_key: bytes, signature: bytes) -> None:
    """Return if the lengths are right and S is below L: the part of the rule that costs nothing to check.

    Raises:
        InvalidSignatureError: whatever the message is, no signature looks like this.
    """
    if len(public_key) != PUBLIC_KEY_BYTES:
        raise InvalidSignatureError(
            f"an Ed25519 public key has {PUBLIC_KEY_BYTES} bytes, this one {len(public_key)}", field="public_key"
        )
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidSignatureError(
            f"an Ed25519 signature has {SIGNATURE_BYTES} bytes, this one {len(signature)}", field="signature"
        )
    if _response(signature) >= L:
        raise InvalidSignatureError("the second half of the signature is not below the group order", field="signature")


def decode_point(encoding: bytes) -> Point | None:
    """The point that 32 bytes encode, or None if the curve has none with this y.

    Unlike RFC 8032 (section 5.1.3), ZIP 215 takes y in 0..2²⁵⁵-1 modulo p, and takes x = 0 with either sign.
    """
    number = int.from_bytes(encoding, "little")
    y = number % 2**255 % P
    x = _square_root_of_ratio((y * y - 1) % P, (_D * y * y + 1) % P)
    if x is None:
        return None
    if x & 1 != number >> 255:
        x = -x % P
    return x, y, 1, x * y % P


def has_small_order(point: Point) -> bool:
    """Whether eight times the point is nothing, so that as a key it drops out of the equation and anybody can sign."""
    return _is_identity(_double(_double(_double(point))))


def _response(signature: bytes) -> int:
    return int.from_bytes(signature[32:], "little")


def _square_root_of_ratio(u: int, v: int) -> int | None:
    """A square root of u/v by one exponentiation (RFC 8032, section 5.1.3); v is never 0, since -1/d is no square."""
    root = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * root * root % P
    if check == u:
        return root
    if check == -u % P:
        return root * _SQRT_MINUS_1 % P
    return None


def _add(left: Point, right: Point) -> Point:
    """The sum by one formula without exceptions: it also holds for equal, opposite and small-order points.

    That is because -1 is a square and d is not (add-2008-hwcd-3).
    """
    x1, y1, z1, t1 = left
    x2, y2, z2, t2 = right
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * _D * t1 * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(point: Point) -> Point:
    x, y, z, _ = point
    a = x * x % P
    b = y * y % P
    c = 2 * z * z % P
    e = 2 * x * y % P
    g = b - a
    f, h = g - c, -a - b
    return e * f % P, g * h % P, f * g % P, e * h % P  # dbl-2008-hwcd with a = -1


def _negative(point: Point) -> Point:
    x, y, z, t = point
    return -x % P, y, z, -t % P


def _is_identity(point: Point) -> bool:
    _, y, z, _ = point
    return y == z  # no other point of the curve has y = 1


def _multiples(point: Point) -> tuple[Point, ...]:
    """The multiples 0..15, one for each value of four bits."""
    multiples = [_IDENTITY]
    for _ in range(15):
        multiples.append(_add(multiples[-1], point))
    return tuple(multiples)


def _base_times_plus(base_scalar: int, scalar: int, point: Point) -> Point:
    """[base_scalar]B + [scalar]point, both scalars below L, in one pass, four bits at a time (Straus 1964)."""
    multiples = _multiples(point)
    total = _IDENTITY
    for shift in range(252, -1, -4):
        total = _double(_double(_double(_double(total))))
        total = _add(total, _BASE_MULTIPLES[base_scalar >> shift & 15])
        total = _add(total, multiples[scalar >> shift & 15])
    return total


_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
_BASE_MULTIPLES = _multiples((_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P))  # RFC 8032, section 5.1
