"""What every generator of vectors does with its files: write them, or only tell which are not what it would write."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["write_or_check"]


def write_or_check(
    arguments: list[str], folder: Path, files: Callable[[], Mapping[str, str]], *, program: str, usage: str | None
) -> int:
    """Write the text of every file by its name; with --check 1 where one differs, and with anything else 2."""
    if arguments not in [[], ["--check"]]:
        sys.stderr.write(f"{usage}\n")
        return 2
    wrong = []
    if not arguments:
        folder.mkdir(exist_ok=True)
    for name, text in files().items():
        path = folder / name
        if not arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(name)
    for name in wrong:
        sys.stderr.write(f"{folder / name} is not what python -m {program} writes\n")
    return 1 if wrong else 0
