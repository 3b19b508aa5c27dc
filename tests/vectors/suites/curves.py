"""A second implementation of ECDSA on P-256 and of SM2, by which every vector is judged.

It shares nothing with `tongbao.coin`: points are affine pairs under the law of chord and tangent, one division each,
and scalars go bit by bit. Slow, and meant to be.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

Affine: TypeAlias = tuple[int, int] | None
"""A point, or None for the neutral one."""


@dataclass(frozen=True)
class Curve:
    """y² = x³ - 3x + b modulo the prime, with a base point of prime order."""

    prime: int
    b: int
    order: int
    base: tuple[int, int]

    def contains(self, x: int, y: int) -> bool:
        """Whether the pair is a point of the curve in its canonical form."""
        return 0 <= x < self.prime and 0 <= y < self.prime and (y * y - (x**3 - 3 * x + self.b)) % self.prime == 0

    def lift(self, x: int) -> tuple[int, int] | None:
        """A point with this x, if there is one; both primes are 3 modulo 4."""
        square = (x**3 - 3 * x + self.b) % self.prime
        y = pow(square, (self.prime + 1) // 4, self.prime)
        return (x, y) if y * y % self.prime == square else None

    def add(self, left: Affine, right: Affine) -> Affine:
        """The third point of the line through both, mirrored."""
        if left is None or right is None:
            return right if left is None else left
        (x1, y1), (x2, y2) = left, right
        if x1 == x2 and (y1 + y2) % self.prime == 0:
            return None
        rise, run = (y2 - y1, x2 - x1) if x1 != x2 else (3 * x1 * x1 - 3, 2 * y1)
        slope = rise * pow(run, -1, self.prime) % self.prime
        x = (slope * slope - x1 - x2) % self.prime
        return x, (slope * (x1 - x) - y1) % self.prime

    def times(self, scalar: int, point: Affine) -> Affine:
        """The multiple, bit by bit from the lowest."""
        total, power, rest = None, point, scalar % self.order
        while rest:
            if rest & 1:
                total = self.add(total, power)
            power, rest = self.add(power, power), rest >> 1
        return total

    def public_key(self, secret: int) -> bytes:
        """The key of a secret, uncompressed."""
        return encode(self.times(secret, self.base))


P256 = Curve(
    prime=0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    order=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    base=(
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
)
SM2 = Curve(
    prime=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    order=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    base=(
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    ),
)


def encode(point: Affine) -> bytes:
    """A point uncompressed."""
    if point is None:
        raise ArithmeticError("the neutral point has no encoding here")
    return b"\x04" + b"".join(number.to_bytes(32, "big") for number in point)


def pair(first: int, second: int) -> bytes:
    """Two numbers as r || s."""
    return first.to_bytes(32, "big") + second.to_bytes(32, "big")


@cache
def decode(curve: Curve, key: bytes) -> tuple[int, int] | None:
    """The point of an uncompressed key, or None."""
    point = int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big")
    return point if len(key) == 65 and key[:1] == b"\x04" and curve.contains(*point) else None


def identity_hash(public_key: bytes, identity: bytes) -> bytes:
    """SM2's Z, from the parts as the standard lists them."""
    parts = [(8 * len(identity)).to_bytes(2, "big"), identity]
    parts += [number.to_bytes(32, "big") for number in (SM2.prime - 3, SM2.b, *SM2.base)]
    return hashlib.new("sm3", b"".join(parts) + public_key[1:]).digest()


def sm2_number(public_key: bytes, message: bytes, identity: bytes = b"1234567812345678") -> int:
    """SM2's e."""
    return int.from_bytes(hashlib.new("sm3", identity_hash(public_key, identity) + message).digest(), "big")


def is_valid_sm2(key: bytes, signature: bytes, message: bytes) -> bool:
    """GB/T 32918.2, section 7.1."""
    point, order = decode(SM2, key), SM2.order
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if point is None or len(signature) != 64 or not (0 < r < order and 0 < s < order) or r + s == order:
        return False
    found = SM2.add(SM2.times(s, SM2.base), SM2.times(r + s, point))
    return found is not None and (sm2_number(key, message) + found[0]) % order == r


def is_valid_p256(key: bytes, signature: bytes, message: bytes) -> bool:
    """FIPS 186-5, section 6.4.2."""
    point, order = decode(P256, key), P256.order
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if point is None or len(signature) != 64 or not (0 < r < order and 0 < s < order):
        return False
    number, inverse = int.from_bytes(hashlib.sha256(message).digest(), "big"), pow(s, -1, order)
    found = P256.add(P256.times(number * inverse, P256.base), P256.times(r * inverse, point))
    return found is not None and found[0] % order == r
