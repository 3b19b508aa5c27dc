"""Writes tests/vectors/log/*.json; with --check it writes nothing and fails where a file is not what it would write.

    python -m tests.vectors.generate_log [--check]

Receipts with their proof from the transparency log: what the log's keys prove, and each lie that they refuse.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.vectors.files import write_or_check
from tests.vectors.log_lies import lies, valid
from tests.vectors.log_signing import SIGNERS, Cosignature
from tongbao.coin.ed25519 import PUBLIC_KEY_BYTES
from tongbao.evidence.signed_text import KEY_ID_BYTES, base64_text

FOLDER = Path(__file__).parent / "log"
FILE = "receipts.json"


def _verifier_keys() -> dict[str, str]:
    return {name: key.verifier_key.encode() for name, key in SIGNERS.items()}


def _written(name: str, data: bytes) -> str:
    """A text in the form of a verifier key, with the id that belongs to it, whatever `data` is."""
    identity = sha256(name.encode() + b"\n" + data).digest()[:KEY_ID_BYTES]
    return f"{name}+{identity.hex()}+{base64_text(data)}"


def _no_keys() -> list[dict[str, str]]:
    """Texts that are no verifier key."""
    good = SIGNERS["log"].verifier_key
    name, identity, encoded = good.encode().split("+", 2)
    kind = bytes([good.kind])
    texts = {
        "nothing": "",
        "no key": f"{name}+{identity}",
        "another id": f"{name}+00000000+{encoded}",
        "an id in capitals": f"{name}+{identity.upper()}+{encoded}",
        "a name that its id is not of": f"{name}0+{identity}+{encoded}",
        "no name": _written("", kind + good.key),
        "a space in the name": _written(f"{name} ", kind + good.key),
        "base64 that ends too early": f"{name}+{identity}+{encoded[:-1]}",
        "an unknown kind": _written(name, bytes([255]) + good.key),
        "a key that is too short": _written(name, kind + good.key[:-1]),
        "a key for which everybody could sign": _written(name, kind + bytes(PUBLIC_KEY_BYTES)),
    }
    return [{"reason": reason, "text": text} for reason, text in texts.items()]


def receipts(known: str | None) -> dict[str, Any]:
    """The file's content; `known` is the signature of ML-DSA-44 that it held so far."""
    cosignature = Cosignature(known)
    cases = valid(cosignature)
    return {
        "verifier_keys": _verifier_keys(),
        "no_verifier_keys": _no_keys(),
        "ml_dsa_44": cosignature.line,
        "valid": cases,
        "lies": lies(),
    }


def files() -> dict[str, str]:
    """The file's text by its name."""
    return {FILE: json.dumps(receipts(_known()), indent=2, ensure_ascii=False) + "\n"}


def _known() -> str | None:
    path = FOLDER / FILE
    if not path.exists():
        return None
    known: str = json.loads(path.read_text(encoding="utf-8"))["ml_dsa_44"]
    return known


def main(arguments: list[str]) -> int:
    """Write the file, or compare it; 1 where it differs."""
    return write_or_check(arguments, FOLDER, files, program="tests.vectors.generate_log", usage=__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
