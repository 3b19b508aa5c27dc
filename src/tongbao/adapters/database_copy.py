"""Copies of SQLite databases that are in use: whole, of one moment, and checked."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from tongbao.adapters.disk import FILE_MODE, flush_directory, translated
from tongbao.errors import DamageError, StorageError

__all__ = ["check_database", "copy_database", "put_in_place", "remove_database", "set_aside"]

UNFINISHED = ".unfinished"
_BESIDE = ("", "-wal", "-shm", "-journal")
"""What ends the names of a database's own files."""


def copy_database(source: Path, target: Path) -> None:
    """Copy the database of this moment, whoever writes to it meanwhile, in place of what was there.

    Raises:
        StorageError: it cannot be read or written.
        DamageError: what was copied is no whole database.
    """
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        remove_database(unfinished)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL, FILE_MODE))
        with closing(_read_only(source)) as reading, closing(sqlite3.connect(unfinished)) as writing:
            reading.backup(writing)
            # One file by itself, without a log of SQLite's beside it.
            writing.execute("PRAGMA journal_mode=DELETE")
        check_database(unfinished)
        put_in_place(unfinished, target)
    except OSError as error:
        raise translated(error, str(target)) from error
    except sqlite3.Error as error:
        raise StorageError(f"{source} cannot be copied to {target}: {error}") from error
    finally:
        with suppress(OSError):
            remove_database(unfinished)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)


def check_database(path: Path) -> None:
    """Return if SQLite finds the database whole.

    Raises:
        DamageError: it does not.
    """
    try:
        with closing(_read_only(path)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA quick_check")]
    except sqlite3.Error as error:
        found = [str(error)]
    if found != ["ok"]:
        raise DamageError(f"{path} is damaged: {found[0]}; take another copy")


def put_in_place(unfinished: Path, target: Path) -> None:
    """Durably give a finished database its name; files of the one that had it must not be taken for its own."""
    descriptor = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    for ending in _BESIDE[1:]:
        target.with_name(target.name + ending).unlink(missing_ok=True)
    unfinished.replace(target)
    flush_directory(str(target.parent))


def remove_database(path: Path) -> None:
    """Remove a database with everything beside it."""
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def set_aside(path: Path) -> Path | None:
    """Give a database, with what lies beside it, a name that says that it was replaced; None where there is none."""
    there = [ending for ending in _BESIDE if path.with_name(path.name + ending).exists()]
    if not there:
        return None
    number = 1
    while any(path.with_name(f"{path.name}.replaced-{number}{ending}").exists() for ending in _BESIDE):
        number += 1
    aside = path.with_name(f"{path.name}.replaced-{number}")
    for ending in there:
        path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    return aside
