"""The keys of the transparency log: two secret ones beside the receipt key, and one file with both public ones.

The log signs its checkpoints with Ed25519 and cosigns them with ML-DSA-44, each with a key of its own, named by the
log's origin. `log.vkey` holds the public keys as C2SP writes them, a line each: all that anybody needs who verifies a
receipt, a checkpoint or a proof. Publish it where people find it who do not trust the centre.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tongbao.centres.registration.log_writer import LogKeys
from tongbao.errors import ConfigurationError, RequestError
from tongbao.evidence import SignatureKind, SigningKey, VerifierKey
from tongbao.evidence.log_proof import origin_of
from tongbao.evidence.signing import SECRET_SEED_BYTES
from tongbao.service.whole_file import read_private, write_new, write_whole

__all__ = ["LOG_COSIGNER_KEY", "LOG_KEY", "LOG_VKEY", "make_log_keys", "read_log_keys", "read_vkeys", "write_vkeys"]

LOG_KEY: Final = "log.key"
LOG_COSIGNER_KEY: Final = "log-cosigner.key"
LOG_VKEY: Final = "log.vkey"

_PUBLIC_MODE: Final = 0o644
_SUITES: Final = {
    SignatureKind.ED25519: "ed25519",
    SignatureKind.COSIGNATURE_ML_DSA_44: "ml-dsa-44",
}


def make_log_keys(key: Path, cosigner: Path, *, network_id: bytes, secret: Callable[[str], bytes]) -> LogKeys:
    """The log's keys in their files; made where there are none. `secret` draws 32 secret bytes for a purpose.

    Raises:
        ConfigurationError: a file is damaged, or cannot be written.
    """
    for path, kind in ((key, SignatureKind.ED25519), (cosigner, SignatureKind.COSIGNATURE_ML_DSA_44)):
        if not path.exists():
            _write(path, kind, origin_of(network_id), secret(f"registration/{path.stem}"))
    return read_log_keys(key, cosigner, network_id=network_id)


def read_log_keys(key: Path, cosigner: Path, *, network_id: bytes) -> LogKeys:
    """The log's keys in their files.

    Raises:
        ConfigurationError: one is missing, others may read it, or it is damaged.
    """
    origin = origin_of(network_id)
    return LogKeys(
        _read(key, SignatureKind.ED25519, origin), _read(cosigner, SignatureKind.COSIGNATURE_ML_DSA_44, origin)
    )


def write_vkeys(path: Path, keys: LogKeys) -> None:
    """Publish the public keys beside the genesis, unless that was done."""
    content = "".join(f"{line}\n" for line in keys.verifier_keys()).encode()
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content, mode=_PUBLIC_MODE)


def read_vkeys(path: Path) -> list[VerifierKey]:
    """The public keys of a log in a file, a line each; a line that begins with # is passed over.

    Raises:
        ConfigurationError: there is no such file, or it holds no key.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        keys = [VerifierKey.decode(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    except OSError as error:
        raise ConfigurationError(f"cannot read the log's public keys {path}: {error.strerror}") from None
    except (UnicodeDecodeError, RequestError) as error:
        raise ConfigurationError(f"{path} holds no public keys of a log: {error}") from None
    if not keys:
        raise ConfigurationError(f"{path} holds no public keys of a log")
    return keys


def _write(path: Path, kind: SignatureKind, name: str, secret_seed: bytes) -> None:
    key = SigningKey(name, kind, secret_seed)
    content = {
        "suite": _SUITES[kind],
        "public_key": key.verifier_key.encode(),
        "secret_seed": secret_seed.hex(),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot write the key file {path}: {error.strerror}") from None
    write_new(path, json.dumps(content, indent=2) + "\n", what="the key file ")


def _read(path: Path, kind: SignatureKind, name: str) -> SigningKey:
    try:
        content = json.loads(read_private(path, what="the key file ").decode("ascii"))
        seed = bytes.fromhex(content["secret_seed"])
        public_key = content["public_key"]
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{path} is no key file, or it is damaged: restore it from your copy") from None
    if len(seed) != SECRET_SEED_BYTES or SigningKey(name, kind, seed).verifier_key.encode() != public_key:
        raise ConfigurationError(
            f"{path} is damaged, or it is the key of another log than {name}: restore it from your copy"
        )
    return SigningKey(name, kind, seed)
