"""Key files of services and officers: one Ed25519 key each, readable by its owner alone.

They are the keys of machines, kept as a web server keeps its TLS key. Wallets keep theirs encrypted
(`tongbao.wallets`); keys in hardware come with the authentication centre.
"""

import json
from pathlib import Path

from tongbao.coin.ed25519 import SECRET_SEED_BYTES, SigningKey
from tongbao.errors import ConfigurationError
from tongbao.service.whole_file import read_private, write_new

__all__ = ["read_key", "write_key"]


def write_key(path: Path, secret_seed: bytes) -> SigningKey:
    """Make the key file; an existing one is never overwritten.

    Raises:
        ConfigurationError: there is one already, or the directory cannot be written.
    """
    key = SigningKey(secret_seed)
    content = {"suite": "ed25519", "public_key": key.public_key.hex(), "secret_seed": secret_seed.hex()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot write the key file {path}: {error.strerror}") from None
    write_new(path, json.dumps(content, indent=2) + "\n", what="the key file ")
    return key


def read_key(path: Path) -> SigningKey:
    """The key in the file.

    Raises:
        ConfigurationError: there is none, others may read it, or it is damaged.
    """
    try:
        content = json.loads(read_private(path, what="the key file ").decode("ascii"))
        seed = bytes.fromhex(content["secret_seed"])
        public_key = bytes.fromhex(content["public_key"])
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{path} is no key file, or it is damaged: restore it from your copy") from None
    if len(seed) != SECRET_SEED_BYTES or SigningKey(seed).public_key != public_key:
        raise ConfigurationError(f"{path} is damaged: its two halves do not belong together; restore it from your copy")
    return SigningKey(seed)
