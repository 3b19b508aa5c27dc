"""Keys and numbers that are none, the same on every curve whose keys are 04 || x || y and signatures r || s."""

from collections.abc import Iterator
from dataclasses import replace

from tests.vectors.suites.cases import Case, flipped
from tests.vectors.suites.curves import Curve, encode, pair


def out_of_range(good: Case, curve: Curve) -> Iterator[Case]:
    """Numbers of a signature at and behind the ends of their range."""
    order = curve.order
    r, s = int.from_bytes(good.signature[:32], "big"), int.from_bytes(good.signature[32:], "big")
    for name, number in {"0": 0, "n": order, "n + 1": order + 1, "p": curve.prime, "2^256 - 1": 2**256 - 1}.items():
        yield replace(good, name=f"r = {name}", signature=pair(number, s))
        yield replace(good, name=f"s = {name}", signature=pair(r, number))
        yield replace(good, name=f"r = s = {name}", signature=pair(number, number))


def other_keys(good: Case, curve: Curve) -> Iterator[Case]:
    """Bytes that are no key, and keys that are not the signer's."""
    key = replace(good, usable=False)
    x, y = good.key[1:33], good.key[33:]
    yield replace(key, name="key without its first byte", key=x + y)
    yield replace(key, name="key with a byte too many", key=good.key + b"\x00")
    yield replace(key, name="key compressed", key=bytes((2 | y[31] & 1,)) + x)
    for first in (0, 2, 3, 5, 6, 7):
        yield replace(key, name=f"key that begins with {first:02x}", key=bytes((first,)) + x + y)
    yield replace(key, name="key off the curve", key=flipped(good.key, 64))
    yield replace(key, name="key of zeros", key=b"\x04" + bytes(64))
    yield replace(key, name="key that is the neutral point of SEC 1", key=b"\x00")
    yield replace(key, name="key with x and y exchanged", key=b"\x04" + y + x)
    mirrored = b"\x04" + x + (curve.prime - int.from_bytes(y, "big")).to_bytes(32, "big")
    yield replace(good, name="key mirrored", key=mirrored)
    small = next(point for point in map(curve.lift, range(1, 100)) if point is not None)
    yield replace(good, name="key with a small x", key=encode(small))
    yield replace(key, name="key with a small x plus p", key=encode((small[0] + curve.prime, small[1])))
    yield replace(key, name="key with y = p", key=b"\x04" + x + curve.prime.to_bytes(32, "big"))
