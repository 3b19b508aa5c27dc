"""A wallet's key file: its recovery phrase, sealed under a password.

The file is JSON, so that a person can see what it is, and versioned, so that a later one can be sealed otherwise. Its
checksum tells a damaged file from a wrong password: whoever sees the first goes for a copy, whoever sees the second
tries again. Nothing here touches a disk; whoever writes the bytes replaces a file in one step or not at all.
"""

import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tongbao.errors import ConfigurationError, DamageError, RequestError

__all__ = [
    "SEALING_ENTROPY_BYTES",
    "WORK_LOG2",
    "KeyFileContent",
    "WrongPasswordError",
    "open_key_file",
    "seal_key_file",
]

VERSION: Final = 1
WORK_LOG2: Final = 17
"""scrypt with N = 2**17, r = 8, p = 1 needs 128 MiB and about a third of a second per guess: OWASP's recommendation."""
_WORK_LOG2_MAX: Final = 20
"""A file may not make the reader take more than 1 GiB of memory."""
_BLOCK_SIZE: Final = 8
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
SEALING_ENTROPY_BYTES: Final = _SALT_BYTES + _NONCE_BYTES

_DAMAGED: Final = "the key file is damaged: restore it from a copy, or the wallet from its recovery phrase"


class WrongPasswordError(RequestError):
    """The password does not open the file, which is whole."""

    code = "WRONG_PASSWORD"


class KeyFileContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file keeps secret."""

    phrase: str
    account: int = 0

    def __repr__(self) -> str:
        """Never the phrase: it would reach a log sooner or later."""
        return f"KeyFileContent(account={self.account})"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file as it lies on the disk; everything but `sealed` and `checksum` is authenticated by the seal."""

    tongbao_key_file: int
    wallet_id: str
    stretching: str
    work_log2: int
    salt: str
    cipher: str
    nonce: str
    sealed: str
    checksum: str = ""

    def header(self) -> bytes:
        return msgspec.json.encode(msgspec.structs.replace(self, sealed="", checksum=""))

    def computed_checksum(self) -> str:
        return sha256(msgspec.json.encode(msgspec.structs.replace(self, checksum=""))).hexdigest()


@dataclass(frozen=True, slots=True)
class _Seal:
    """A password with all that makes a key of it."""

    password: str = field(repr=False)
    salt: bytes
    work_log2: int

    def cipher(self) -> ChaCha20Poly1305:
        # One person types an accented letter as one character, another as two.
        password = unicodedata.normalize("NFKC", self.password).encode()
        stretching = Scrypt(salt=self.salt, length=_KEY_BYTES, n=1 << self.work_log2, r=_BLOCK_SIZE, p=1)
        return ChaCha20Poly1305(stretching.derive(password))


def seal_key_file(
    content: KeyFileContent, password: str, *, wallet_id: bytes, entropy: bytes, work_log2: int = WORK_LOG2
) -> bytes:
    """The bytes of a key file; `entropy` is fresh for each, `SEALING_ENTROPY_BYTES` long, and `wallet_id` is shown."""
    if not password:
        raise RequestError("a key file needs a password", field="password", code="PASSWORD_EMPTY")
    if len(entropy) != SEALING_ENTROPY_BYTES:
        raise ValueError(f"sealing takes {SEALING_ENTROPY_BYTES} random bytes, not {len(entropy)}")
    salt, nonce = entropy[:_SALT_BYTES], entropy[_SALT_BYTES:]
    file = _File(
        tongbao_key_file=VERSION,
        wallet_id=wallet_id.hex(),
        stretching="scrypt",
        work_log2=work_log2,
        salt=salt.hex(),
        cipher="chacha20-poly1305",
        nonce=nonce.hex(),
        sealed="",
    )
    sealed = _Seal(password, salt, work_log2).cipher().encrypt(nonce, msgspec.json.encode(content), file.header())
    file = msgspec.structs.replace(file, sealed=sealed.hex())
    file = msgspec.structs.replace(file, checksum=file.computed_checksum())
    return msgspec.json.format(msgspec.json.encode(file)) + b"\n"


def open_key_file(data: bytes, password: str) -> KeyFileContent:
    """What the file keeps.

    Raises:
        WrongPasswordError: the file is whole, and the password is another one.
        DamageError: the file is not what was written.
        ConfigurationError: a newer version of this program wrote it.
    """
    file = _read(data)
    try:
        salt, nonce, sealed = bytes.fromhex(file.salt), bytes.fromhex(file.nonce), bytes.fromhex(file.sealed)
    except ValueError:
        raise DamageError(_DAMAGED) from None
    try:
        content = _Seal(password, salt, file.work_log2).cipher().decrypt(nonce, sealed, file.header())
    except InvalidTag:
        raise WrongPasswordError(
            "the password does not open this key file",
            field="password",
            cure="type it again; without it the wallet comes back only from its recovery phrase",
        ) from None
    return msgspec.json.decode(content, type=KeyFileContent)


def _read(data: bytes) -> _File:
    try:
        version = msgspec.json.decode(data, type=dict[str, object]).get("tongbao_key_file")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DamageError(_DAMAGED) from None
    if isinstance(version, int) and version > VERSION:
        raise ConfigurationError(
            f"the key file has version {version}, and this program reads {VERSION}: install a newer"
        )
    try:
        file = msgspec.json.decode(data, type=_File)
    except msgspec.DecodeError:
        raise DamageError(_DAMAGED) from None
    if file.checksum != file.computed_checksum() or not 1 <= file.work_log2 <= _WORK_LOG2_MAX:
        raise DamageError(_DAMAGED)
    return file
