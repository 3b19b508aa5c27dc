"""Small files that are there whole or not at all; over the Disk port `centres.registration.atomic_file` is the same."""

import os
from pathlib import Path

from tongbao.errors import ConfigurationError

__all__ = ["OWNER_ONLY", "copy_whole", "read_private", "write_new", "write_whole"]

OWNER_ONLY = 0o600
_OTHERS = 0o077


def write_whole(path: Path, content: bytes, *, mode: int = OWNER_ONLY) -> None:
    """Durably write a file in place of what was there; a crash leaves what was there.

    Raises:
        ConfigurationError: it cannot be written.
    """
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None


def copy_whole(source: Path, target: Path) -> None:
    """Durably copy a small file, readable by whoever may read the first."""
    write_whole(target, source.read_bytes(), mode=source.stat().st_mode & 0o777)


def write_new(path: Path, text: str, *, what: str = "") -> None:
    """Write a file where nothing is yet, readable by its owner alone; `what` names it in the error, as "the key file ".

    Raises:
        ConfigurationError: there is one already, or the directory cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(f"cannot write {what}{path}: {error.strerror}") from None


def read_private(path: Path, *, what: str = "") -> bytes:
    """The content of a file that nobody but its owner may read; `what` names it in the error, as "the key file ".

    Raises:
        ConfigurationError: others may read it, or it cannot be read.
    """
    try:
        if path.stat().st_mode & _OTHERS:
            raise ConfigurationError(f"others may read {what}{path}: run chmod 600 on it")
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {what}{path}: {error.strerror}") from None
