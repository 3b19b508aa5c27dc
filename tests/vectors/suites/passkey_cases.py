"""Passkeys: assertions as authenticators and browsers make them, and everything that is none."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace

from tests.vectors.suites.cases import MESSAGE, OTHER_MESSAGE, Case, flipped
from tests.vectors.suites.curves import P256, is_valid_p256
from tongbao.coin.encoding import sized_u16, u8
from tongbao.coin.p256 import SigningKey
from tongbao.coin.suites import Suite

SECRET = 0x505A55534B455953
SIGNER = SigningKey(SECRET)
ORIGIN = "https://pay.example"
RP_ID_HASH = hashlib.sha256(b"pay.example").digest()
USER_PRESENT, USER_VERIFIED, BACKED_UP, EXTENDED = 0x01, 0x04, 0x18, 0x80


def base64url(message: bytes) -> str:
    """The message as a challenge stands in client data."""
    return base64.urlsafe_b64encode(message).rstrip(b"=").decode()


CHALLENGE = base64url(MESSAGE)


def key(origin: bytes = ORIGIN.encode(), *, rp_id_hash: bytes = RP_ID_HASH, point: bytes = SIGNER.public_key) -> bytes:
    """The bytes of a passkey's key."""
    return rp_id_hash + point + u8(len(origin)) + origin


def authenticator(flags: int = USER_PRESENT | USER_VERIFIED, *, rp_id_hash: bytes = RP_ID_HASH) -> bytes:
    """Authenticator data with a counter of 7."""
    return rp_id_hash + u8(flags) + b"\x00\x00\x00\x07"


def client(challenge: str = CHALLENGE, *, origin: str = ORIGIN, rest: str = "}") -> bytes:
    """Client data as browsers write them, up to the rest."""
    return (f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"{origin}","crossOrigin":false{rest}').encode()


def assertion(data: bytes, text: bytes, *, signer: SigningKey = SIGNER) -> bytes:
    """The bytes of an assertion, signed."""
    return sized_u16(data) + sized_u16(text) + signer.sign(data + hashlib.sha256(text).digest())


def is_valid(passkey: bytes, signature: bytes, message: bytes) -> bool:
    """The rule by cutting bytes, without the layouts of `tongbao.coin`."""
    rp_id_hash, point, origin = passkey[:32], passkey[32:97], passkey[98:]
    if len(passkey) < 99 or len(origin) != passkey[97] or any(each in b'"\\' or not 32 < each < 127 for each in origin):
        return False
    first = 2 + int.from_bytes(signature[:2], "big")
    second = first + 2 + int.from_bytes(signature[first : first + 2], "big")
    data, text, numbers = signature[2:first], signature[first + 2 : second], signature[second:]
    if len(signature) < second + 64 or len(data) < 37 or data[:32] != rp_id_hash or ~data[32] & 5:
        return False
    challenge = base64.b64encode(message, altchars=b"-_").decode().replace("=", "")
    wanted = client(challenge, origin=origin.decode(), rest="")
    if text[: len(wanted)] != wanted or text[len(wanted) : len(wanted) + 1] not in (b",", b"}"):
        return False
    return is_valid_p256(point, numbers, data + hashlib.sha256(text).digest())


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _valid()
    good = Case("", Suite.PASSKEY, key(), assertion(authenticator(), client()))
    yield from _of_the_authenticator(good)
    yield from _of_the_browser(good)
    yield from _numbers(good)
    yield from _layouts(good)
    yield from _keys(good)


def _valid() -> Iterator[Case]:
    extended = authenticator(USER_PRESENT | USER_VERIFIED | EXTENDED) + b"\xa1\x63uvm\x80"
    other_keys = ',"other_keys_can_be_added_here":"do not compare clientDataJSON against a template"}'
    made = {
        "as browsers write it": (authenticator(), client()),
        "a passkey that is backed up": (authenticator(USER_PRESENT | USER_VERIFIED | BACKED_UP), client()),
        "all flags": (authenticator(0xFF), client()),
        "extensions of the authenticator": (extended, client()),
        "a further member of the client data": (authenticator(), client(rest=other_keys)),
        "a further member that is no JSON, which nobody reads": (authenticator(), client(rest=",\xff\x00{")),
        "bytes after the client data's end, which nobody reads": (authenticator(), client(rest="} ")),
    }
    for name, (data, text) in made.items():
        yield Case(name, Suite.PASSKEY, key(), assertion(data, text), valid=True)
    counter = RP_ID_HASH + b"\x05" + bytes(4)
    yield Case("a counter of zero", Suite.PASSKEY, key(), assertion(counter, client()), valid=True)
    high = assertion(authenticator(), client())
    s = P256.order - int.from_bytes(high[-32:], "big")
    yield Case("n - s", Suite.PASSKEY, key(), high[:-32] + s.to_bytes(32, "big"), valid=True)
    for name, origin in {
        "one character": "x",
        "255 characters": "https://" + "a" * 247,
        "an app": "android:apk-key-hash:" + "A" * 43,
        "a port": "http://localhost:8080",
        "every character that may be": "".join(map(chr, range(33, 127))).replace('"', "").replace("\\", ""),
    }.items():
        signature = assertion(authenticator(), client(origin=origin))
        yield Case(f"origin of {name}", Suite.PASSKEY, key(origin.encode()), signature, valid=True)
    for message in (bytes(32), b"\xff" * 32, b"\xfb\xef\xbe" * 10 + b"\xfb\xef"):
        challenge = base64url(message)
        signature = assertion(authenticator(), client(challenge))
        yield Case(f"challenge {challenge[:4]}", Suite.PASSKEY, key(), signature, valid=True, message=message)


def _of_the_authenticator(good: Case) -> Iterator[Case]:
    elsewhere = hashlib.sha256(b"shop.example").digest()
    for name, data in {
        "nobody present": authenticator(USER_VERIFIED),
        "nobody verified": authenticator(USER_PRESENT),
        "neither": authenticator(0),
        "all flags but UP": authenticator(0xFF ^ USER_PRESENT),
        "all flags but UV": authenticator(0xFF ^ USER_VERIFIED),
        "another relying party": authenticator(rp_id_hash=elsewhere),
        "authenticator data of no bytes": b"",
        "authenticator data of 36 bytes": authenticator()[:-1],
    }.items():
        yield replace(good, name=name, signature=assertion(data, client()))
    signature = assertion(authenticator(rp_id_hash=elsewhere), client())
    yield replace(good, name="a key of another relying party", key=key(rp_id_hash=elsewhere))
    yield replace(good, name="key and data of it", key=key(rp_id_hash=elsewhere), signature=signature, valid=True)


def _of_the_browser(good: Case) -> Iterator[Case]:
    other = base64url(OTHER_MESSAGE)
    plain = base64.b64encode(MESSAGE).decode().rstrip("=")
    for name, text in {
        "the challenge of another message": client(other),
        "the challenge with padding": client(CHALLENGE + "="),
        "the challenge in the other base64": client(plain if plain != CHALLENGE else "+" + plain[1:]),
        "the challenge in hex": client(MESSAGE.hex()),
        "the challenge cut short": client(CHALLENGE[:-1]),
        "no challenge": client(""),
        "another origin": client(origin="https://pay.example.evil"),
        "a part of the origin": client(origin="https://pay.exampl"),
        "the origin in capitals": client(origin=ORIGIN.upper()),
        "the origin escaped": client(origin=ORIGIN.replace("/", "\\/")),
        "client data of no bytes": b"",
        "nothing after crossOrigin": client(rest=""),
        "a space before the end": client(rest=" }"),
        "a bracket at the end": client(rest="]"),
        "within another page": client().replace(b"false", b"true"),
        "no crossOrigin": client().replace(b',"crossOrigin":false', b""),
        "a space after a colon": client().replace(b'":"', b'": "'),
        "a space before it all": b" " + client(),
        "a byte order mark": b"\xef\xbb\xbf" + client(),
        "members in another order": (
            f'{{"challenge":"{CHALLENGE}","type":"webauthn.get","origin":"{ORIGIN}","crossOrigin":false}}'
        ).encode(),
        "another member first": client().replace(b"{", b'{"x":1,', 1),
        "a second challenge later": client(other, rest=f',"challenge":"{CHALLENGE}"}}'),
        "another type": client().replace(b"webauthn.get", b"webauthn.create"),
        "the type of payments": client().replace(b"webauthn.get", b"payment.get"),
        "zeros between all characters": client().decode().encode("utf-16-le"),
    }.items():
        yield replace(good, name=name, signature=assertion(authenticator(), text))


def _numbers(good: Case) -> Iterator[Case]:
    signature = good.signature
    yield replace(good, name="another message", message=OTHER_MESSAGE)
    another = SigningKey(SECRET + 1)
    yield replace(good, name="signed by another key", signature=assertion(authenticator(), client(), signer=another))
    yield replace(good, name="r of zeros", signature=signature[:-64] + bytes(32) + signature[-32:])
    yield replace(good, name="s of zeros", signature=signature[:-32] + bytes(32))
    yield replace(good, name="s = n", signature=signature[:-32] + P256.order.to_bytes(32, "big"))
    for place, name in {2: "relying party", 34: "flags", 38: "counter", -1: "s", -33: "r", -65: "client data"}.items():
        yield replace(good, name=f"altered after signing: {name}", signature=flipped(signature, place))
    parts = sized_u16(authenticator()) + sized_u16(client())
    for name, signed in {
        "signed without hashing the client data": authenticator() + client(),
        "signed the client data alone": hashlib.sha256(client()).digest(),
        "signed the message alone": MESSAGE,
    }.items():
        yield replace(good, name=name, signature=parts + SIGNER.sign(signed))


def _layouts(good: Case) -> Iterator[Case]:
    signature = good.signature
    for length in (0, 1, 2, 38, 39, 41, 64, len(signature) - 64, len(signature) - 1):
        yield replace(good, name=f"{length} bytes of the assertion", signature=signature[:length])
    yield replace(good, name="a byte after the assertion", signature=signature + b"\x00")
    short = b"\x00\x24" + signature[2:]
    yield replace(good, name="a length that is one too small", signature=short)
    yield replace(good, name="a length beyond the end", signature=b"\xff\xff" + signature[2:])


def _keys(good: Case) -> Iterator[Case]:
    unusable = replace(good, usable=False)
    plain = good.key
    yield replace(unusable, name="key cut short", key=plain[:-1])
    yield replace(unusable, name="key with a byte too many", key=plain + b"\x00")
    yield replace(unusable, name="key without an origin", key=plain[:97])
    yield replace(unusable, name="key with an origin of no bytes", key=key(b""))
    yield replace(unusable, name="key off the curve", key=key(point=flipped(SIGNER.public_key, 64)))
    yield replace(unusable, name="key compressed", key=key(point=b"\x02" + SIGNER.public_key[1:33]))
    yield replace(unusable, name="key whose point begins with 06", key=key(point=b"\x06" + SIGNER.public_key[1:]))
    for name, origin in {
        "a quote": b'https://pay.example"',
        "a backslash": b"https:\\\\pay.example",
        "a space": b"https://pay example",
        "a zero byte": b"https://pay.example\x00",
        "a delete": b"https://pay.example\x7f",
        "UTF-8": "https://支付.example".encode(),
        "Latin-1": b"https://p\xe4y.example",
        "a line break at the end": b"https://pay.example\n",
    }.items():
        text = client(rest="").replace(ORIGIN.encode(), origin) + b"}"
        signature = assertion(authenticator(), text)
        yield replace(unusable, name=f"origin with {name}", key=key(origin), signature=signature)


def confused() -> Iterator[Case]:
    """The parts of a valid assertion under the numbers of other suites."""
    good = assertion(authenticator(), client())
    raw = SIGNER.sign(MESSAGE)
    yield Case("a raw signature by a passkey's key", Suite.PASSKEY, key(), raw)
    yield Case("a raw signature in an assertion", Suite.PASSKEY, key(), good[:-64] + raw)
    yield Case("an assertion by P-256", Suite.P256, SIGNER.public_key, good)
    yield Case("an assertion's numbers by P-256", Suite.P256, SIGNER.public_key, good[-64:])
    yield Case("a passkey's key by P-256", Suite.P256, key(), raw, usable=False)
    yield Case("a P-256 key as a passkey", Suite.PASSKEY, SIGNER.public_key, good, usable=False)
