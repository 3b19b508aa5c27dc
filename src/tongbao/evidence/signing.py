"""Keys that sign texts, by C2SP's signed-note and tlog-cosignature: what each kind signs, and when it is valid.

```python
key = SigningKey("tongbao.example/log", SignatureKind.ED25519, secret_seed)
signed = SignedText(text, (key.sign(text),))
verify(signed, [key.verifier_key])                      # or raises SignedTextInvalidError
```
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from tongbao.coin import ed25519
from tongbao.coin.encoding import demand_unsigned, u8, u64
from tongbao.coin.suites import PublicKey, is_usable
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.signed_text import (
    KEY_ID_BYTES,
    SignatureLine,
    SignedText,
    SignedTextInvalidError,
    base64_bytes,
    base64_text,
    demand_key_name,
)

__all__ = ["SECRET_SEED_BYTES", "SignatureKind", "SigningKey", "Verified", "VerifierKey", "verify"]

SECRET_SEED_BYTES = 32  # of either algorithm
TIME_BYTES = 8
TIME_BITS = 63  # tlog-cosignature allows no later second
COSIGNATURE_LABEL = b"subtree/v1\n\x00"


class SignatureKind(enum.IntEnum):
    """How a key signs a text. The numbers are C2SP's; what they leave out is not read here."""

    ED25519 = 1  # the text itself
    COSIGNATURE_ED25519 = 4  # the text and a second at which it was the largest that the cosigner had seen
    COSIGNATURE_ML_DSA_44 = 6  # origin, size and root of a checkpoint, such a second, and the cosigner's name

    @property
    def is_cosignature(self) -> bool:
        """Whether a signature of this kind carries its time."""
        return self is not SignatureKind.ED25519

    @property
    def key_bytes(self) -> int:
        """The length of a public key."""
        return 1312 if self is SignatureKind.COSIGNATURE_ML_DSA_44 else ed25519.PUBLIC_KEY_BYTES


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named public key, which readers know beforehand.

    Attributes:
        name: whose key it is; a log's is its origin.
        kind: what it signs.
        key: 32 bytes of Ed25519, or 1,312 of ML-DSA-44.
    """

    name: str
    kind: SignatureKind
    key: bytes

    def __post_init__(self) -> None:
        demand_key_name(self.name)
        if len(self.key) != self.kind.key_bytes:
            raise RequestError(f"a key of this kind has {self.kind.key_bytes} bytes", field="key")
        if self.kind.key_bytes == ed25519.PUBLIC_KEY_BYTES and not is_usable(PublicKey.ed25519(self.key)):
            raise RequestError("everybody could sign for this key, or nobody", field="key")

    @property
    def key_id(self) -> bytes:
        """4 bytes that stand for the key in a line; no proof of anything."""
        return sha256(self.name.encode() + b"\n" + u8(self.kind) + self.key).digest()[:KEY_ID_BYTES]

    def encode(self) -> str:
        """Name, id and key in one line, as C2SP writes a verifier key."""
        return f"{self.name}+{self.key_id.hex()}+{base64_text(u8(self.kind) + self.key)}"

    @staticmethod
    def decode(text: str) -> "VerifierKey":
        """The key whose whole text is `text`.

        Raises:
            DecodingError: it is none, or of a kind that is not read here.
        """
        parts = text.split("+", 2)
        if len(parts) != 3:  # noqa: PLR2004 - name, id and key
            raise DecodingError("a verifier key is name+id+key", field="key")
        data = base64_bytes(parts[2], field="key")
        try:
            key = VerifierKey(parts[0], SignatureKind(data[0]), data[1:])
        except (ValueError, IndexError):
            raise DecodingError("the verifier key is of a kind that is not read here", field="key") from None
        except RequestError as error:
            raise DecodingError(str(error), field="key") from None
        if key.encode() != text:
            raise DecodingError("the id in the verifier key is not that of its name and key", field="key")
        return key

    def is_of(self, line: SignatureLine) -> bool:
        """Whether a line names this key, by name and id."""
        return line.name == self.name and line.key_id == self.key_id

    def verify(self, line: SignatureLine, text: str) -> int | None:
        """Return the time of a cosignature in seconds, or None of another kind, if `line` signs `text` by this key.

        Raises:
            SignedTextInvalidError: it does not.
        """
        if not self.is_of(line):
            raise SignedTextInvalidError(f"the signature is not of {self.name}", field="signature")
        time_s, signature = None, line.signature
        if self.kind.is_cosignature:
            time_s, signature = int.from_bytes(signature[:TIME_BYTES], "big"), signature[TIME_BYTES:]
        try:
            self._verify_message(signature, _message(self, text, time_s))
        except (RequestError, InvalidSignature) as error:
            message = f"the signature of {self.name} does not hold"
            raise SignedTextInvalidError(message, field="signature") from error
        return time_s

    def _verify_message(self, signature: bytes, message: bytes) -> None:
        if self.kind is SignatureKind.COSIGNATURE_ML_DSA_44:
            MLDSA44PublicKey.from_public_bytes(self.key).verify(signature, message)
        else:
            ed25519.verify(self.key, signature, message)


def _message(key: VerifierKey, text: str, time_s: int | None) -> bytes:
    """What a key of this kind signs of `text`, which is a checkpoint unless the kind is plain Ed25519."""
    if time_s is None:
        return text.encode()
    demand_unsigned("time", time_s, bits=TIME_BITS)
    checkpoint = Checkpoint.decode(text)
    if key.kind is SignatureKind.COSIGNATURE_ED25519:
        return f"cosignature/v1\ntime {time_s}\n{text}".encode()
    name, origin = key.name.encode(), checkpoint.origin.encode()
    cosigner = COSIGNATURE_LABEL + u8(len(name)) + name + u64(time_s)
    return cosigner + u8(len(origin)) + origin + u64(0) + u64(checkpoint.size) + checkpoint.root


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret seed with the name and kind that its signatures carry.

    Attributes:
        name: of the key.
        kind: what it signs.
        secret_seed: 32 bytes; never shown by `repr`.
        verifier_key: what readers need.
    """

    name: str
    kind: SignatureKind
    secret_seed: bytes = field(repr=False)
    verifier_key: VerifierKey = field(init=False, compare=False)
    _secret_key: ed25519.SigningKey | MLDSA44PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret_seed) != SECRET_SEED_BYTES:
            raise ValueError(f"a secret seed has {SECRET_SEED_BYTES} bytes, this one {len(self.secret_seed)}")
        secret_key: ed25519.SigningKey | MLDSA44PrivateKey
        if self.kind is SignatureKind.COSIGNATURE_ML_DSA_44:
            secret_key = MLDSA44PrivateKey.from_seed_bytes(self.secret_seed)
            public_key = secret_key.public_key().public_bytes_raw()
        else:
            secret_key = ed25519.SigningKey(self.secret_seed)
            public_key = secret_key.public_key
        object.__setattr__(self, "_secret_key", secret_key)
        object.__setattr__(self, "verifier_key", VerifierKey(self.name, self.kind, public_key))

    def sign(self, text: str, *, time_s: int | None = None) -> SignatureLine:
        """The line under `text`: with the time for a cosignature, without it for plain Ed25519.

        Ed25519 gives the same bytes each time; ML-DSA-44, as the library offers it, other valid ones.
        """
        if self.kind.is_cosignature != (time_s is not None):
            raise ValueError("a cosignature, and nothing else, has a time")
        signature = self._secret_key.sign(_message(self.verifier_key, text, time_s))
        stamp = b"" if time_s is None else u64(time_s)
        return SignatureLine(self.name, self.verifier_key.key_id, stamp + signature)


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds.

    Attributes:
        key: whose it is.
        line: as it stands under the text.
        time_s: when a cosigner made it, in seconds since 1970, by its own clock; None of another kind.
    """

    key: VerifierKey
    line: SignatureLine
    time_s: int | None


def verify(signed: SignedText, keys: Sequence[VerifierKey]) -> tuple[Verified, ...]:
    """The signatures by `keys`, of which there is at least one; those of unknown keys are passed over.

    Raises:
        SignedTextInvalidError: none is by such a key, or one that is does not hold.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found: dict[tuple[str, bytes], Verified] = {}
    for line in signed.signatures:
        place = (line.name, line.key_id)
        if place in known and place not in found:
            key = known[place]
            found[place] = Verified(key, line, key.verify(line, signed.text))
    if not found:
        raise SignedTextInvalidError(
            "no signature is by a key that is known here",
            field="signatures",
            cure="have it signed by a log that is known",
        )
    return tuple(found.values())
