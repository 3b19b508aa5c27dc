"""Copies of databases in use: of one moment, whole, private, and never mixed with what was there."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tongbao.adapters.database_copy import check_database, copy_database, put_in_place, set_aside
from tongbao.errors import DamageError, StorageError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (v TEXT)")
        connection.execute("INSERT INTO t VALUES ('one')")
        connection.commit()
    return path


def rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT v FROM t ORDER BY rowid")]


def test_a_copy_holds_what_was_committed_and_nothing_else(source: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(source)) as writer:
        writer.execute("INSERT INTO t VALUES ('two')")
        writer.commit()
        writer.execute("INSERT INTO t VALUES ('three, not committed')")

        copy_database(source, tmp_path / "copy.sqlite")

    assert rows(tmp_path / "copy.sqlite") == ["one", "two"]


def test_a_copy_is_one_private_file(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()

    copy_database(source, folder / "copy.sqlite")

    assert [path.name for path in folder.iterdir()] == ["copy.sqlite"]
    assert stat.S_IMODE((folder / "copy.sqlite").stat().st_mode) == 0o600


def test_a_copy_replaces_an_older_one(source: Path, tmp_path: Path) -> None:
    copy_database(source, tmp_path / "copy.sqlite")
    with closing(sqlite3.connect(source)) as writer:
        writer.execute("INSERT INTO t VALUES ('two')")
        writer.commit()

    copy_database(source, tmp_path / "copy.sqlite")

    assert rows(tmp_path / "copy.sqlite") == ["one", "two"]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be copied"):
        copy_database(tmp_path / "missing.sqlite", tmp_path / "copy.sqlite")

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_not_taken_for_a_copy(source: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(source)) as writer:
        writer.executemany("INSERT INTO t VALUES (?)", [("x" * 500,) for _ in range(200)])
        writer.commit()
        writer.execute("PRAGMA journal_mode=DELETE")
    content = bytearray(source.read_bytes())
    content[8192:12288] = os.urandom(4096)
    source.write_bytes(content)

    with pytest.raises(DamageError, match="is damaged"):
        check_database(source)
    with pytest.raises(StorageError):
        copy_database(source, tmp_path / "copy.sqlite")


def test_files_of_the_database_that_was_there_are_not_taken_for_the_new_ones(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.sqlite"
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).write_bytes(b"of another database")

    copy_database(source, target)

    assert rows(target) == ["one"]


def test_what_is_set_aside_keeps_its_log_and_never_replaces_what_was_set_aside_before(tmp_path: Path) -> None:
    target = tmp_path / "bank.sqlite"
    names = []
    for content in ("first", "second"):
        target.write_text(content)
        target.with_name("bank.sqlite-wal").write_text(f"log of {content}")
        aside = set_aside(target)
        assert aside is not None
        names.append(aside)

    assert [name.read_text() for name in names] == ["first", "second"]
    assert [name.with_name(name.name + "-wal").read_text() for name in names] == ["log of first", "log of second"]
    assert not target.exists()
    assert set_aside(target) is None


def test_a_finished_file_gets_its_name(tmp_path: Path) -> None:
    finished = tmp_path / "finished"
    finished.write_text("whole")

    put_in_place(finished, tmp_path / "named")

    assert (tmp_path / "named").read_text() == "whole"
    assert not finished.exists()
