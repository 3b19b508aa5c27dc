"""Passkeys: what a WebAuthn authenticator signs with a P-256 key when it is asked to approve a transaction.

The authenticator signs its own data and the hash of a JSON text that the browser writes; the message stands in that
text as the challenge. An assertion of a message M under a key is valid if and only if

1. the key is a `PasskeyKey` whose point is on the curve, and the signature an `Assertion`, each in its one encoding;
2. the authenticator data have at least 37 bytes and begin with the key's rp_id_hash, and of the flags in the 33rd byte
   UP (somebody was there) and UV (and was verified) are set;
3. the client data begin with `{"type":"webauthn.get","challenge":"` M in base64url without padding
   `","origin":"` the key's origin `","crossOrigin":false`, and the next byte is `,` or `}`: the limited verification
   algorithm of WebAuthn (section 5.8.1.2), which compares bytes, so that no two JSON parsers can disagree;
4. r || s is a valid P-256 signature of authenticator data || SHA-256(client data).

The signature counter is not looked at: synchronised passkeys leave it at zero.
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from tongbao.coin import p256
from tongbao.coin.encoding import Reader, demand_bytes, sized_u16, u8
from tongbao.coin.zip215 import InvalidSignatureError
from tongbao.errors import RequestError

__all__ = ["Assertion", "PasskeyKey", "client_data", "is_key", "verify"]

ORIGIN_BYTES_MAX = 255  # its length is one byte; the longest host name has 253 characters
RP_ID_HASH_BYTES = 32
AUTHENTICATOR_DATA_BYTES_MIN = 37  # rp_id_hash, flags, and a counter of four bytes; extensions may follow
FLAGS_DEMANDED = 0x01 | 0x04  # UP and UV
_ORIGIN = re.compile(r"[!#-\[\]-~]+")  # what stands in JSON as it is: printable, no quote, no backslash


@dataclass(frozen=True, slots=True)
class PasskeyKey:
    """The key of a passkey: where it may be used belongs to it.

    Attributes:
        rp_id_hash: SHA-256 of the relying party's id, such as `pay.example`; 32 bytes.
        point: the P-256 key as 04 || x || y; 65 bytes.
        origin: where the browser must have been, such as `https://pay.example`; 1..255 printable ASCII characters
            without quote and backslash.
    """

    rp_id_hash: bytes
    point: bytes
    origin: str

    def __post_init__(self) -> None:
        demand_bytes("rp_id_hash", self.rp_id_hash, length=RP_ID_HASH_BYTES)
        demand_bytes("point", self.point, length=p256.PUBLIC_KEY_BYTES)
        if not _ORIGIN.fullmatch(self.origin) or len(self.origin) > ORIGIN_BYTES_MAX:
            raise RequestError(
                f"an origin is 1..{ORIGIN_BYTES_MAX} printable ASCII characters without quote and backslash",
                field="origin",
            )

    def encode(self) -> bytes:
        """rp_id_hash and point, then the origin behind its length in one byte."""
        origin = self.origin.encode("ascii")
        return self.rp_id_hash + self.point + u8(len(origin)) + origin

    @staticmethod
    def decode(data: bytes) -> "PasskeyKey":
        """The key whose whole encoding is `data`; whether its point is on the curve is for verification to say."""
        reader = Reader(data, "passkey key")
        rp_id_hash, point = reader.take(RP_ID_HASH_BYTES), reader.take(p256.PUBLIC_KEY_BYTES)
        origin = reader.take(reader.u8()).decode("latin-1")
        key = reader.build(PasskeyKey, rp_id_hash, point, origin)
        reader.finish()
        return key


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the authenticator answers with: this is the signature of the suite.

    Attributes:
        authenticator_data: as the authenticator gave them.
        client_data: `clientDataJSON` as the browser gave it, byte by byte.
        signature: r || s of the P-256 signature over both; 64 bytes. Authenticators give DER, which wallets unpack.
    """

    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def __post_init__(self) -> None:
        demand_bytes("signature", self.signature, length=p256.SIGNATURE_BYTES)

    def encode(self) -> bytes:
        """Both data behind their lengths, then the 64 bytes."""
        return sized_u16(self.authenticator_data) + sized_u16(self.client_data) + self.signature

    @staticmethod
    def decode(data: bytes) -> "Assertion":
        """The assertion whose whole encoding is `data`."""
        reader = Reader(data, "passkey assertion")
        assertion = Assertion(reader.sized_u16(), reader.sized_u16(), reader.take(p256.SIGNATURE_BYTES))
        reader.finish()
        return assertion

    @property
    def signed(self) -> bytes:
        """What the P-256 key signs."""
        return self.authenticator_data + hashlib.sha256(self.client_data).digest()


def client_data(message: bytes, origin: str) -> bytes:
    """How the client data of an assertion begin; a browser adds `}`, or `,` and more."""
    challenge = base64.urlsafe_b64encode(message).rstrip(b"=")
    return (
        b'{"type":"webauthn.get","challenge":"%b","origin":"%b","crossOrigin":false'  # fixed by WebAuthn 5.8.1.1
        % (challenge, origin.encode("ascii"))
    )


def is_key(key: bytes) -> bool:
    """Whether the bytes are a passkey's key with a point of the curve."""
    try:
        return p256.is_key(PasskeyKey.decode(key).point)
    except RequestError:
        return False


def verify(key: bytes, signature: bytes, message: bytes) -> None:
    """Return if the signature is a valid assertion of the message by the rule above.

    Raises:
        InvalidSignatureError: it is not; the message says why.
    """
    try:
        passkey, assertion = PasskeyKey.decode(key), Assertion.decode(signature)
    except RequestError as error:
        raise InvalidSignatureError(str(error), field="signature") from None
    _demand_authenticator(assertion.authenticator_data, passkey)
    _demand_client(assertion.client_data, client_data(message, passkey.origin))
    p256.verify(passkey.point, assertion.signature, assertion.signed)


def _demand_authenticator(data: bytes, passkey: PasskeyKey) -> None:
    if len(data) < AUTHENTICATOR_DATA_BYTES_MIN:
        raise InvalidSignatureError(
            f"authenticator data have at least {AUTHENTICATOR_DATA_BYTES_MIN} bytes, these {len(data)}",
            field="signature",
        )
    if data[:RP_ID_HASH_BYTES] != passkey.rp_id_hash:
        raise InvalidSignatureError("the assertion was made for another relying party", field="signature")
    if data[RP_ID_HASH_BYTES] & FLAGS_DEMANDED != FLAGS_DEMANDED:
        raise InvalidSignatureError("nobody was present or verified: UP and UV must be set", field="signature")


def _demand_client(data: bytes, expected: bytes) -> None:
    if not data.startswith(expected) or data[len(expected) : len(expected) + 1] not in {b",", b"}"}:
        raise InvalidSignatureError(
            "the client data are not those of this message at this origin, in the form that browsers give them",
            field="signature",
        )
