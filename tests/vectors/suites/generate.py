"""Writes the vectors of the suites; with --check it writes nothing and fails where a file is not what it would write.

    python -m tests.vectors.suites.generate [--check]

Signatures come from fixed secrets without dice, so every run makes the same files. Each verdict stands beside its case
and is confirmed by `curves`, a second implementation. OpenSSL once made
`sm2_openssl.json`; its origin stands in it.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.vectors.ed25519 import generate as edwards
from tests.vectors.suites import confusion_cases, curves, p256_cases, passkey_cases, sm2_cases
from tests.vectors.suites.cases import Case, read
from tongbao.coin.suites import Suite

HERE = Path(__file__).resolve().parent
GROUPS = {"p256": p256_cases, "passkey": passkey_cases, "sm2": sm2_cases, "confusion": confusion_cases}
_SECOND: dict[int, Callable[[bytes, bytes, bytes], bool]] = {
    Suite.ED25519: edwards.is_valid,
    Suite.P256: curves.is_valid_p256,
    Suite.PASSKEY: passkey_cases.is_valid,
    Suite.SM2: curves.is_valid_sm2,
}


def is_valid(case: Case) -> bool:
    """What the second implementation says."""
    judge = _SECOND.get(case.suite)
    return judge is not None and judge(case.key, case.signature, case.message)


def files() -> Iterator[tuple[str, str]]:
    """Name and text of every generated file, once the second implementation has confirmed each verdict."""
    for name, module in GROUPS.items():
        cases = list(module.cases())
        for case in cases:
            if is_valid(case) != case.valid:
                raise ArithmeticError(f"{name}: {case.name}: made to be {'' if case.valid else 'in'}valid, and is not")
        about = json.dumps((module.__doc__ or "").strip())
        lines = ",\n".join(case.line() for case in cases)
        yield f"{name}.json", f'{{"about": {about}, "vectors": [\n{lines}\n]}}\n'


def stored() -> list[tuple[str, Case]]:
    """Every vector in the files of this folder with the name of its file."""
    return [
        (path.stem, read(line))
        for path in sorted(HERE.glob("*.json"))
        for line in json.loads(path.read_text(encoding="utf-8"))["vectors"]
    ]


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; 1 where one differs."""
    if arguments not in [[], ["--check"]]:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    wrong = []
    for name, text in files():
        path = HERE / name
        if not arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(name)
    for name in wrong:
        sys.stderr.write(f"{HERE / name} is not what python -m tests.vectors.suites.generate writes\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
