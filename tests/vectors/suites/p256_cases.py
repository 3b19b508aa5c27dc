"""P-256: raw signatures, high and low, and everything that is none."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from tests.vectors.suites.cases import MESSAGE, OTHER_MESSAGE, Case, der, flipped
from tests.vectors.suites.curve_cases import other_keys, out_of_range
from tests.vectors.suites.curves import P256, encode, pair
from tongbao.coin.p256 import SigningKey
from tongbao.coin.suites import Suite

SECRET = 0x1D1C1B1A191817161514131211100F0E0D0C0B0A090807060504030201
ORDER = P256.order
_NAMED = {
    **{secret: f"{secret}" for secret in (1, 2, 3)},
    ORDER - 1: "n - 1",
    ORDER - 2: "n - 2",
    (ORDER + 1) // 2: "1/2",
    SECRET: "of no special form",
}
NUMBER = int.from_bytes(hashlib.sha256(MESSAGE).digest(), "big")


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _valid()
    yield from _crafted()
    key = SigningKey(SECRET)
    good = Case("", Suite.P256, key.public_key, key.sign(MESSAGE))
    yield from _altered(good)
    yield from _numbers(good)
    yield from other_keys(good, P256)


def _valid() -> Iterator[Case]:
    for secret, named in _NAMED.items():
        key = SigningKey(secret)
        signature = key.sign(MESSAGE)
        yield Case(f"key of secret {named}", Suite.P256, key.public_key, signature, valid=True)
        r, s = signature[:32], int.from_bytes(signature[32:], "big")
        other = r + (ORDER - s).to_bytes(32, "big")
        yield Case(f"key of secret {named}, n - s", Suite.P256, key.public_key, other, valid=True)
    for number in range(16):
        key = SigningKey(SECRET + number)
        message = hashlib.sha256(bytes((number,))).digest()
        yield Case(f"ordinary {number}", Suite.P256, key.public_key, key.sign(message), valid=True, message=message)


def _recovered(x: int, s: int) -> tuple[bytes, int]:
    """The key under which (x mod n, s) is a signature of the message with a commitment of this x."""
    commitment = P256.lift(x)
    r = x % ORDER
    total = P256.add(P256.times(s, commitment), P256.times(-NUMBER, P256.base))
    return encode(P256.times(pow(r, -1, ORDER), total)), r


def _first_x(start: int) -> int:
    return next(x for x in range(start, start + 100) if P256.lift(x) is not None)


def _crafted() -> Iterator[Case]:
    """Commitments whose x nobody meets by chance, with keys made to fit."""
    above = _first_x(ORDER + 1)
    key, r = _recovered(above, 7)
    yield Case("commitment with x above n", Suite.P256, key, pair(r, 7), valid=True)
    yield Case("r not reduced by n, where x is above n", Suite.P256, key, pair(above, 7))
    small = _first_x(1)
    key, r = _recovered(small, 7)
    yield Case("commitment with a small x", Suite.P256, key, pair(r, 7), valid=True)
    yield Case("r plus n, where x is small", Suite.P256, key, pair(r + ORDER, 7))
    yield Case("s plus n, where s is small", Suite.P256, key, pair(r, 7 + ORDER))
    secret = SECRET
    r = -NUMBER * pow(secret, -1, ORDER) % ORDER
    yield Case("commitment that is the neutral point", Suite.P256, P256.public_key(secret), pair(r, 7))
    doubled = NUMBER * pow(SECRET, -1, ORDER) % ORDER
    yield Case("both multiples are one point", Suite.P256, P256.public_key(SECRET), pair(doubled, 7))


def _altered(good: Case) -> Iterator[Case]:
    signature = good.signature
    yield replace(good, name="another message", message=OTHER_MESSAGE)
    yield replace(good, name="another key", key=SigningKey(SECRET + 1).public_key)
    for place in (0, 31, 32, 63):
        yield replace(good, name=f"byte {place} of the signature altered", signature=flipped(signature, place))
    yield replace(good, name="r and s exchanged", signature=signature[32:] + signature[:32])
    yield replace(good, name="the message's hash signed as it is", signature=_unhashed(), key=P256.public_key(SECRET))
    for length in (0, 32, 63):
        yield replace(good, name=f"{length} bytes of the signature", signature=signature[:length])
    yield replace(good, name="65 bytes of a signature", signature=signature + b"\x00")
    yield replace(good, name="as DER", signature=der(signature))


def _unhashed() -> bytes:
    """A signature over the message in place of its hash."""
    commitment = P256.times(11, P256.base)
    r = commitment[0] % ORDER if commitment else 0
    return pair(r, pow(11, -1, ORDER) * (int.from_bytes(MESSAGE, "big") + r * SECRET) % ORDER)


def _numbers(good: Case) -> Iterator[Case]:
    r, s = int.from_bytes(good.signature[:32], "big"), int.from_bytes(good.signature[32:], "big")
    yield from out_of_range(good, P256)
    yield replace(good, name="r = n - r", signature=pair(ORDER - r, s))
