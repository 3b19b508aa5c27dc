"""SM2: signatures with the constant identity, and everything that is none."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from tests.vectors.suites.cases import MESSAGE, OTHER_MESSAGE, Case, der, flipped
from tests.vectors.suites.curve_cases import other_keys, out_of_range
from tests.vectors.suites.curves import SM2, identity_hash, pair, sm2_number
from tongbao.coin.sm2 import SigningKey, sign_with_nonce
from tongbao.coin.suites import Suite

SECRET = 0x0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F
ORDER = SM2.order
_NAMED = {
    **{secret: f"{secret}" for secret in (1, 2, 3, 5, 15, 16, 17)},
    ORDER - 2: "n - 2",
    ORDER - 3: "n - 3",
    (ORDER + 1) // 2: "1/2",
    SECRET: "of no special form",
}


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _valid()
    key = SigningKey(SECRET)
    good = Case("", Suite.SM2, key.public_key, key.sign(MESSAGE))
    yield from _altered(good)
    yield from _identities(good)
    yield from _numbers(good)
    yield from _keys(good)


def _valid() -> Iterator[Case]:
    for secret, named in _NAMED.items():
        key = SigningKey(secret)
        yield Case(f"key of secret {named}", Suite.SM2, key.public_key, key.sign(MESSAGE), valid=True)
        for nonce in (1, 2, ORDER - 1):
            signature = sign_with_nonce(key, MESSAGE, nonce) or b""
            commitment = "-G" if nonce == ORDER - 1 else f"{nonce}G"
            name = f"key of secret {named}, commitment {commitment}"
            yield Case(name, Suite.SM2, key.public_key, signature, valid=True)
    for number in range(24):
        key = SigningKey(SECRET + number)
        message = hashlib.sha256(bytes((number,))).digest()
        yield Case(f"ordinary {number}", Suite.SM2, key.public_key, key.sign(message), valid=True, message=message)
    key = SigningKey(SECRET)
    for half, name in ((0, "r"), (32, "s")):
        signed = (sign_with_nonce(key, MESSAGE, nonce) or b"\xff" * 64 for nonce in range(3, 3000))
        short = next(signature for signature in signed if signature[half] == 0)
        yield Case(f"{name} that begins with a zero", Suite.SM2, key.public_key, short, valid=True)


def _forged(secret: int, number: int, nonce: int = 11) -> bytes:
    """What signing gives where the signer takes another number for e."""
    commitment = SM2.times(nonce, SM2.base)
    r = (number + commitment[0]) % ORDER if commitment else 0
    return pair(r, pow(1 + secret, -1, ORDER) * (nonce - r * secret) % ORDER)


def _altered(good: Case) -> Iterator[Case]:
    signature = good.signature
    yield replace(good, name="another message", message=OTHER_MESSAGE)
    yield replace(good, name="another key", key=SigningKey(SECRET + 1).public_key)
    for place in (0, 31, 32, 63):
        yield replace(good, name=f"byte {place} of the signature altered", signature=flipped(signature, place))
    yield replace(good, name="r and s exchanged", signature=signature[32:] + signature[:32])
    for length in (0, 32, 63):
        yield replace(good, name=f"{length} bytes of the signature", signature=signature[:length])
    yield replace(good, name="65 bytes of a signature", signature=signature + b"\x00")
    yield replace(good, name="as DER", signature=der(signature))


def _identities(good: Case) -> Iterator[Case]:
    """Signatures that hold, over another e."""
    key = good.key
    for identity in (b"", b"ALICE123@YAHOO.COM", b"1234567812345679", b"\x31\x32\x33\x34\x35\x36\x37\x38" * 3):
        forged = _forged(SECRET, sm2_number(key, MESSAGE, identity))
        yield replace(good, name=f"identity {identity.decode() or 'of no bytes'}", signature=forged)
    others = identity_hash(SigningKey(SECRET + 1).public_key, b"1234567812345678")
    numbers = {
        "without Z": hashlib.new("sm3", MESSAGE).digest(),
        "the message in place of e": MESSAGE,
        "Z of another key": hashlib.new("sm3", others + MESSAGE).digest(),
        "SHA-256 in place of SM3": hashlib.sha256(identity_hash(key, b"1234567812345678") + MESSAGE).digest(),
        "Z after the message": hashlib.new("sm3", MESSAGE + identity_hash(key, b"1234567812345678")).digest(),
    }
    for name, number in numbers.items():
        yield replace(good, name=name, signature=_forged(SECRET, int.from_bytes(number, "big")))


def _numbers(good: Case) -> Iterator[Case]:
    r, s = int.from_bytes(good.signature[:32], "big"), int.from_bytes(good.signature[32:], "big")
    e = sm2_number(good.key, MESSAGE)
    yield from out_of_range(good, SM2)
    yield replace(good, name="r + s = n", signature=pair(r, ORDER - r))
    yield replace(good, name="r + s = n, s = n - 1, r = 1", signature=pair(1, ORDER - 1))
    yield replace(good, name="n - s", signature=pair(r, ORDER - s))
    # [s]G + [t]P is the neutral point, and r is what a verifier expects who takes its x for 0.
    neutral = -e * SECRET * pow(1 + SECRET, -1, ORDER) % ORDER
    yield replace(good, name="commitment that is the neutral point", signature=pair(e % ORDER, neutral))
    equal = r * SECRET * pow(1 - SECRET, -1, ORDER) % ORDER
    yield replace(good, name="both multiples are one point", signature=pair(r, equal))


def _keys(good: Case) -> Iterator[Case]:
    key = replace(good, usable=False)
    yield from other_keys(good, SM2)
    yield replace(key, name="key -G, by whose secret n - 1 nobody can sign", key=SM2.public_key(ORDER - 1))
