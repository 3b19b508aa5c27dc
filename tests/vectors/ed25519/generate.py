"""Makes the Ed25519 vectors, and judges every one by an implementation of its own.

    python tests/vectors/ed25519/generate.py

It shares nothing with `tongbao.coin.zip215`, so that one mistake cannot hide in both: points are affine pairs under the
curve's defining addition law with one division each, square roots are Atkin's, scalars go bit by bit over stored
doublings and are reduced by the order of the whole group (8L), never by L. Slow, and meant to be.
"""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

HERE = Path(__file__).resolve().parent

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
COFACTOR = 8
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME

Affine: TypeAlias = tuple[int, int]
NEUTRAL: Affine = (0, 1)


# --- the curve ---------------------------------------------------------------------------------------------------


def square_root(square: int) -> int | None:
    """A root modulo a prime that is 5 modulo 8, by Atkin's method."""
    half = pow(2 * square, (PRIME - 5) // 8, PRIME)
    imaginary = 2 * square * half * half % PRIME
    root = square * half * (imaginary - 1) % PRIME
    return root if root * root % PRIME == square % PRIME else None


def decode(encoding: bytes) -> Affine | None:
    """The point with y modulo p in the low 255 bits and the parity of x in the top bit; either bit stands for x = 0."""
    y = (int.from_bytes(encoding, "little") & (1 << 255) - 1) % PRIME
    x = square_root((y * y - 1) * pow(CURVE_D * y * y + 1, -1, PRIME) % PRIME)
    if x is None:
        return None
    odd = encoding[31] & 0x80 != 0
    return ((PRIME - x) % PRIME if bool(x % 2) != odd else x), y


def encode(point: Affine) -> bytes:
    """The canonical encoding."""
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def add(left: Affine, right: Affine) -> Affine:
    """The sum by the law of -x² + y² = 1 + d·x²·y²."""
    (x1, y1), (x2, y2) = left, right
    product = CURVE_D * x1 * x2 * y1 * y2 % PRIME
    inverse = pow((1 + product) * (1 - product), -1, PRIME)
    x = (x1 * y2 + y1 * x2) * (1 - product) * inverse % PRIME
    y = (y1 * y2 + x1 * x2) * (1 + product) * inverse % PRIME
    return x, y


@functools.cache
def doublings(point: Affine) -> tuple[Affine, ...]:
    """The point times 1, 2, 4 and so on, as far as scalars below 8L reach."""
    powers = [point]
    while len(powers) < (COFACTOR * ORDER).bit_length():
        powers.append(add(powers[-1], powers[-1]))
    return tuple(powers)


def times(scalar: int, point: Affine) -> Affine:
    """The multiple, bit by bit."""
    total = NEUTRAL
    for place, power in enumerate(doublings(point)):
        if scalar % (COFACTOR * ORDER) >> place & 1:
            total = add(total, power)
    return total


def base_point() -> Affine:
    """The point with y = 4/5 and even x."""
    point = decode((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))
    if point is None:
        raise ArithmeticError("the curve is not Ed25519")
    return point


BASE = base_point()


@functools.cache
def small_order_points() -> tuple[Affine, ...]:
    """The 8 points of small order, as multiples 0..7 of one of order 8."""
    for y in range(2, 100):
        point = decode(y.to_bytes(32, "little"))
        torsion = NEUTRAL if point is None else times(ORDER, point)
        if times(4, torsion) != NEUTRAL:
            return tuple(times(multiple, torsion) for multiple in range(COFACTOR))
    raise ArithmeticError("the curve is not Ed25519")


def encodings_of(point: Affine) -> list[bytes]:
    """Every string of 32 bytes that decodes to the point, the canonical one first."""
    _, y = point
    candidates = [
        (number | sign << 255).to_bytes(32, "little") for number in range(y, 2**255, PRIME) for sign in (0, 1)
    ]
    found = [candidate for candidate in candidates if decode(candidate) == point]
    return sorted(found, key=lambda encoding: encoding != encode(point))


@functools.cache
def small_order_encodings() -> tuple[bytes, ...]:
    """All 14 encodings of the 8 points of small order."""
    return tuple(encoding for point in small_order_points() for encoding in encodings_of(point))


# --- the rule ----------------------------------------------------------------------------------------------------


def challenge(commitment: bytes, public_key: bytes, message: bytes) -> int:
    """The k of the signature equation."""
    return int.from_bytes(hashlib.sha512(commitment + public_key + message).digest(), "little")


def is_valid(public_key: bytes, signature: bytes, message: bytes, *, factor: int = COFACTOR) -> bool:
    """ZIP 215; with `factor` 1 the equation that libraries without the cofactor check."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = decode(public_key), decode(signature[:32])
    response = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or response >= ORDER:
        return False
    right = add(commitment, times(challenge(signature[:32], public_key, message), key))
    return times(factor, times(response, BASE)) == times(factor, right)


# --- the vectors -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Vector:
    """One case, as it stands in the files."""

    name: str
    public_key: bytes
    signature: bytes
    message: bytes
    valid: bool

    def line(self) -> str:
        """The case as one line of JSON."""
        fields = {name: value.hex() if isinstance(value, bytes) else value for name, value in vars(self).items()}
        return json.dumps(fields)


def scalar(label: str) -> int:
    """A secret number that everybody may know."""
    return int.from_bytes(hashlib.sha512(b"tongbao ed25519 vectors/" + label.encode()).digest(), "little") % ORDER


def response_bytes(response: int) -> bytes:
    """S as it is written; 32 bytes hold up to 2²⁵⁶ - 1."""
    return response.to_bytes(32, "little")


SECRET = scalar("key")
NONCE = scalar("nonce")
KEY = times(SECRET, BASE)
COMMITMENT = times(NONCE, BASE)
MESSAGE = b"tongbao"


def signed(commitment: bytes, public_key: bytes, message: bytes = MESSAGE, *, nonce: int = NONCE) -> int:
    """S of whoever knows both secrets, whatever of small order was added to the points."""
    return (nonce + challenge(commitment, public_key, message) * SECRET) % ORDER


def small_order() -> Iterator[Vector]:
    """A and R of small order in all their encodings."""
    encodings = small_order_encodings()
    zero, one = response_bytes(0), response_bytes(1)
    for i, key in enumerate(encodings):
        for j, commitment in enumerate(encodings):
            yield Vector(f"small order: A {i}, R {j}, S = 0", key, commitment + zero, b"Zcash", valid=True)
    for i, key in enumerate(encodings):
        honest = encode(COMMITMENT) + response_bytes(NONCE)
        yield Vector(f"small order: A {i}, S = 1", key, encodings[0] + one, b"Zcash", valid=False)
        yield Vector(f"small order: A {i}, R = [S]B", key, honest, b"Zcash", valid=True)
    for j, commitment in enumerate(encodings):
        response = signed(commitment, encode(KEY), nonce=0)
        name, key = f"small order: ordinary A, R {j}", encode(KEY)
        yield Vector(f"{name}, S = kA", key, commitment + response_bytes(response), MESSAGE, valid=True)
        yield Vector(f"{name}, S = kA + 1", key, commitment + response_bytes(response + 1), MESSAGE, valid=False)


def mixed_order() -> Iterator[Vector]:
    """Ordinary points with a point of small order added, where equations with and without the factor 8 part."""
    for i, torsion_of_key in enumerate(small_order_points()):
        for j, torsion_of_commitment in enumerate(small_order_points()):
            key = encode(add(KEY, torsion_of_key))
            commitment = encode(add(COMMITMENT, torsion_of_commitment))
            response = signed(commitment, key)
            signature = commitment + response_bytes(response)
            strict = is_valid(key, signature, MESSAGE, factor=1)
            name = f"mixed order: A + T{i}, R + T{j}"
            equation = "holds without the factor 8, too" if strict else "holds only with the factor 8"
            yield Vector(f"{name}, {equation}", key, signature, MESSAGE, valid=True)
            if i == j:
                other = commitment + response_bytes((response + 1) % ORDER)
                yield Vector(f"{name}, S + 1", key, other, MESSAGE, valid=False)


def encodings() -> Iterator[Vector]:
    """Encodings that are not canonical, or no points at all."""
    torsion = set(map(encode, small_order_points()))
    for j, commitment in enumerate(small_order_encodings()):
        point = decode(commitment)
        if commitment in torsion or point is None:
            continue
        response = signed(encode(point), encode(KEY), nonce=0)
        name = f"encoding: R {j} is not canonical and k hashes its canonical encoding"
        yield Vector(name, encode(KEY), commitment + response_bytes(response), MESSAGE, valid=False)
    strays = [y for y in range(19) if decode(y.to_bytes(32, "little")) is None]
    neutral = encode(NEUTRAL) + response_bytes(0)
    for number in (*strays, *(y + PRIME for y in strays)):
        for sign in (0, 1):
            stray = (number | sign << 255).to_bytes(32, "little")
            name = f"y = {number if number < PRIME else f'p + {number - PRIME}'}, sign bit {sign}, not on the curve"
            yield Vector(f"encoding: A has {name}", stray, neutral, MESSAGE, valid=False)
            yield Vector(f"encoding: R has {name}", encode(NEUTRAL), stray + response_bytes(0), MESSAGE, valid=False)


def scalars() -> Iterator[Vector]:
    """S at and beyond the group order, with equations that would hold."""
    neutral = encode(NEUTRAL)
    for multiple in range(16):
        signature = neutral + response_bytes(multiple * ORDER)
        yield Vector(f"scalar: S = {multiple}L, A and R neutral", neutral, signature, MESSAGE, valid=multiple == 0)
    last = encode(times(ORDER - 1, BASE)) + response_bytes(ORDER - 1)
    yield Vector("scalar: S = L - 1", neutral, last, MESSAGE, valid=True)
    beyond = encode(BASE) + response_bytes(ORDER + 1)
    yield Vector("scalar: S = L + 1", neutral, beyond, MESSAGE, valid=False)
    key, commitment = encode(KEY), encode(COMMITMENT)
    response = signed(commitment, key)
    for multiple in (1, 8, 14):
        signature = commitment + response_bytes(response + multiple * ORDER)
        yield Vector(f"scalar: ordinary S + {multiple}L", key, signature, MESSAGE, valid=False)
    for bit in (253, 254, 255):
        signature = commitment + response_bytes(response | 1 << bit)
        yield Vector(f"scalar: ordinary S with bit {bit} set", key, signature, MESSAGE, valid=False)
    largest = commitment + response_bytes(2**256 - 1)
    yield Vector("scalar: S = 2^256 - 1", key, largest, MESSAGE, valid=False)


def ordinary() -> Iterator[Vector]:
    """Signatures as wallets make them, each part damaged, and each length wrong."""
    key, commitment = encode(KEY), encode(COMMITMENT)
    for length in (0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 1000):
        message = bytes(place % 251 for place in range(length))
        signature = commitment + response_bytes(signed(commitment, key, message))
        yield Vector(f"ordinary: a message of {length} bytes", key, signature, message, valid=True)
    signature = commitment + response_bytes(signed(commitment, key))
    for place in (0, 8, 31, 32, 40, 62):
        damaged = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        yield Vector(f"ordinary: byte {place} of the signature damaged", key, damaged, MESSAGE, valid=False)
    yield Vector("ordinary: another message", key, signature, MESSAGE + b"!", valid=False)
    yield Vector("ordinary: another key", encode(add(KEY, BASE)), signature, MESSAGE, valid=False)
    yield Vector("ordinary: the opposite key", key[:31] + bytes([key[31] ^ 0x80]), signature, MESSAGE, valid=False)
    opposite = signature[:31] + bytes([signature[31] ^ 0x80]) + signature[32:]
    yield Vector("ordinary: the opposite R", key, opposite, MESSAGE, valid=False)
    swapped = signature[32:] + signature[:32]
    yield Vector("ordinary: R and S swapped", key, swapped, MESSAGE, valid=False)
    for length in (0, 32, 63, 65, 96):
        stretched = signature.ljust(length, b"\0")[:length]
        yield Vector(f"ordinary: a signature of {length} bytes", key, stretched, MESSAGE, valid=False)
    for length in (0, 31, 33, 64):
        stretched = key.ljust(length, b"\0")[:length]
        yield Vector(f"ordinary: a key of {length} bytes", stretched, signature, MESSAGE, valid=False)


GROUPS = {make.__name__: make for make in (small_order, mixed_order, encodings, scalars, ordinary)}


def files() -> Mapping[str, str]:
    """The text of every generated file by its name, once the rule above has confirmed each vector."""
    texts = {}
    for name, make in GROUPS.items():
        vectors = list(make())
        for vector in vectors:
            if is_valid(vector.public_key, vector.signature, vector.message) != vector.valid:
                raise ArithmeticError(f"{vector.name}: made to be {'' if vector.valid else 'in'}valid, and is not")
        about = json.dumps((make.__doc__ or "").strip())
        lines = ",\n".join(vector.line() for vector in vectors)
        texts[f"{name}.json"] = f'{{"about": {about}, "vectors": [\n{lines}\n]}}\n'
    return texts


def stored() -> list[Vector]:
    """Every vector in the files of this folder, generated or copied."""
    return [
        Vector(
            name=case["name"],
            public_key=bytes.fromhex(case["public_key"]),
            signature=bytes.fromhex(case["signature"]),
            message=bytes.fromhex(case["message"]),
            valid=case["valid"],
        )
        for path in sorted(HERE.glob("*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))["vectors"]
    ]


if __name__ == "__main__":
    for file_name, text in files().items():
        (HERE / file_name).write_text(text, encoding="utf-8")
