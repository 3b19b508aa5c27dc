"""Database and redo log kept together through crashes, power cuts, old copies, new schemas and lost files."""

import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa

from tongbao.adapters import redo_log
from tongbao.adapters.database_copy import copy_database
from tongbao.adapters.redo import database_file, keep_redo, rebuild
from tongbao.adapters.redo_log import RedoLog
from tongbao.adapters.sql_group import sqlite_url
from tongbao.adapters.store import SqlStore
from tongbao.errors import ConfigurationError, DamageError, DiskFullError

ENVIRONMENT = """
from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
"""
REVISION = """
from alembic import op

revision, down_revision, branch_labels, depends_on = {number!r}, {before!r}, None, None


def upgrade():
    op.execute({statement!r})
"""
FIRST = (
    "CREATE TABLE t (number INTEGER PRIMARY KEY, v TEXT UNIQUE, "
    "parent INTEGER REFERENCES t (number) DEFERRABLE INITIALLY DEFERRED)"
)
ORPHAN = "INSERT INTO t (v, parent) VALUES ('orphan', 99)"
"""Is refused by the commit, not before."""
SECOND = "ALTER TABLE t ADD COLUMN w TEXT DEFAULT 'since the second'"


@pytest.fixture
def schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], ModuleType]:
    """The migrations of this software's first or second release."""

    def release(count: int) -> ModuleType:
        package = tmp_path / f"release_{count}"
        (package / "versions").mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
        (package / "env.py").write_text(ENVIRONMENT)
        for number, statement in enumerate((FIRST, SECOND)[:count], 1):
            before = str(number - 1) if number > 1 else None
            text = REVISION.format(number=str(number), before=before, statement=statement)
            (package / "versions" / f"r{number}.py").write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, package.name, raising=False)
        invalidate_caches()
        return import_module(package.name)

    return release


class Bank:
    """A store on a database with a redo log, which can be ended in several ways and opened again."""

    def __init__(self, folder: Path, migrations: ModuleType) -> None:
        self.file, self.redo, self.migrations = folder / "bank.sqlite", folder / "redo", migrations
        self.store: SqlStore | None = None

    def open(self) -> "Bank":
        store = SqlStore.open(sqlite_url(str(self.file)))
        try:
            self.log = keep_redo(store.engine, self.migrations, self.redo, entropy=os.urandom)
        except BaseException:
            store.engine.dispose()
            raise
        store.write_down(self.log)
        self.store = store
        return self

    async def add(self, *values: str) -> None:
        assert self.store is not None
        for value in values:
            await self.store.write(inserting(value))

    async def close(self) -> None:
        if self.store is not None:
            await self.store.close()
            self.store = None

    def rows(self) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.file)) as connection:
            return list(connection.execute("SELECT * FROM t ORDER BY number"))

    def lose(self) -> None:
        for path in self.file.parent.glob("bank.sqlite*"):
            path.unlink()


def inserting(value: str) -> Callable[[sa.Connection], None]:
    return lambda connection: insert(connection, value)


def insert(connection: sa.Connection, value: str) -> None:
    connection.exec_driver_sql("INSERT INTO t (v) VALUES (?)", (value,))


@pytest.fixture
async def bank(tmp_path: Path, schemas: Callable[[int], ModuleType]) -> AsyncIterator[Bank]:
    opened = Bank(tmp_path, schemas(1)).open()
    yield opened
    await opened.close()


async def test_a_deleted_database_is_made_again_from_its_log(bank: Bank) -> None:
    await bank.add("one", "two", "three")
    await bank.close()
    before = bank.rows()
    bank.lose()

    done = rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)

    assert bank.rows() == before
    assert (done.start, done.from_number, done.aside, done.torn_bytes) == (None, 0, None, 0)
    await bank.open().add("four")
    await bank.close()
    assert [row[1] for row in bank.rows()] == ["one", "two", "three", "four"]


async def test_an_older_copy_is_brought_on_by_the_log(bank: Bank, tmp_path: Path) -> None:
    await bank.add("one")
    copy_database(bank.file, tmp_path / "copy.sqlite")
    await bank.add("two", "three")
    await bank.close()
    before = bank.rows()

    done = rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo, start=tmp_path / "copy.sqlite")

    assert bank.rows() == before
    assert done.start == tmp_path / "copy.sqlite"
    assert done.from_number == done.to_number - 2
    assert done.aside is not None, "what was there is not thrown away"
    assert done.aside.exists()


async def test_an_older_copy_put_in_place_by_hand_is_brought_on_at_the_next_start(bank: Bank, tmp_path: Path) -> None:
    await bank.add("one")
    copy_database(bank.file, tmp_path / "copy.sqlite")
    await bank.add("two")
    await bank.close()
    bank.lose()
    shutil.copy(tmp_path / "copy.sqlite", bank.file)

    await bank.open().add("three")

    await bank.close()
    assert [row[1] for row in bank.rows()] == ["one", "two", "three"]


async def test_what_was_written_down_before_a_crash_and_not_committed_is_committed(bank: Bank) -> None:
    await bank.add("one")
    bank.log.append([("INSERT INTO t (v) VALUES (?)", False, ("written down",))])
    await bank.close()

    bank.open()

    await bank.close()
    assert [row[1] for row in bank.rows()] == ["one", "written down"]


async def test_a_log_that_lost_its_end_begins_anew_with_the_database_as_its_base(bank: Bank) -> None:
    await bank.add("one", "two")
    await bank.close()
    (segment,) = bank.redo.glob("redo-*.log")
    segment.write_bytes(segment.read_bytes()[:-30])
    await bank.open().add("three")
    await bank.close()
    before = bank.rows()
    bank.lose()

    done = rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)

    assert bank.rows() == before
    assert done.start is not None
    assert done.start.parent == bank.redo


async def test_a_database_from_before_there_was_a_log_becomes_its_base(
    tmp_path: Path, schemas: Callable[[int], ModuleType]
) -> None:
    with closing(sqlite3.connect(tmp_path / "bank.sqlite")) as connection:
        connection.execute(FIRST)
        connection.executescript("INSERT INTO t (v) VALUES ('old');")
        connection.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES (1)"
        )
    bank = Bank(tmp_path, schemas(1)).open()
    await bank.add("new")
    await bank.close()
    before = bank.rows()
    bank.lose()

    rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)

    assert bank.rows() == before


async def test_changes_from_before_a_new_schema_are_made_to_the_old_one(
    bank: Bank, schemas: Callable[[int], ModuleType]
) -> None:
    await bank.add("old")
    await bank.close()
    bank.migrations = schemas(2)
    await bank.open().add("new")
    await bank.close()
    before = bank.rows()
    bank.lose()

    rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)

    assert bank.rows() == before == [(1, "old", None, "since the second"), (2, "new", None, "since the second")]


async def test_an_operation_that_failed_is_not_written_down(bank: Bank) -> None:
    await bank.add("one")
    last = bank.log.last

    def fail_late(connection: sa.Connection) -> None:
        insert(connection, "two")
        insert(connection, "one")

    assert bank.store is not None
    with pytest.raises(sa.exc.IntegrityError):
        await bank.store.write(fail_late)

    assert bank.log.last == last
    assert [row[1] for row in bank.rows()] == ["one"]


async def test_a_commit_that_fails_is_taken_back_from_the_log(bank: Bank) -> None:
    await bank.add("one")
    last, store = bank.log.last, bank.store
    assert store is not None

    with pytest.raises(sqlite3.IntegrityError):
        await store.write(lambda connection: connection.exec_driver_sql(ORPHAN).rowcount)
    await bank.add("two")

    assert bank.log.last == last + 1
    await bank.close()
    before = bank.rows()
    bank.lose()
    rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)
    assert [row[1] for row in bank.rows()] == ["one", "two"] == [row[1] for row in before]


async def test_an_empty_database_beside_a_log_is_not_taken_for_a_new_one(bank: Bank) -> None:
    await bank.add("one")
    await bank.close()
    bank.lose()

    with pytest.raises(ConfigurationError, match="tongbao rebuild"):
        bank.open()


async def test_a_database_of_another_log_is_refused(bank: Bank, tmp_path: Path) -> None:
    await bank.add("one")
    await bank.close()
    (tmp_path / "other").mkdir()
    other = Bank(tmp_path / "other", bank.migrations).open()
    await other.add("strange")
    await other.close()
    copy_database(other.file, tmp_path / "strange.sqlite")

    with pytest.raises(ConfigurationError, match="not a copy of the database"):
        rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo, start=tmp_path / "strange.sqlite")
    assert [row[1] for row in bank.rows()] == ["one"], "a refusal leaves what is there"
    bank.lose()
    shutil.copy(tmp_path / "strange.sqlite", bank.file)
    with pytest.raises(ConfigurationError, match="of another database"):
        bank.open()


async def test_changes_that_do_not_fit_are_damage_and_leave_what_is_there(bank: Bank) -> None:
    await bank.add("one")
    bank.log.append([("INSERT INTO nowhere VALUES (1)", False, ())])
    await bank.close()

    with pytest.raises(DamageError, match="does not fit"):
        rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)

    assert [row[1] for row in bank.rows()] == ["one"]


def test_there_is_nothing_to_rebuild_from_without_a_log(tmp_path: Path, schemas: Callable[[int], ModuleType]) -> None:
    with pytest.raises(ConfigurationError, match="holds no redo log"):
        rebuild(sqlite_url(str(tmp_path / "bank.sqlite")), schemas(1), tmp_path / "redo")


def test_a_log_in_use_is_not_rebuilt_from(bank: Bank) -> None:
    with pytest.raises(ConfigurationError, match="another process"):
        rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)


def test_a_log_that_does_not_go_back_to_the_beginning_wants_a_copy(
    tmp_path: Path, schemas: Callable[[int], ModuleType]
) -> None:
    log = RedoLog.open(tmp_path / "redo")
    log.begin(b"g" * 16, after=8)
    log.mark("1")
    log.close()

    with pytest.raises(ConfigurationError, match="--backup"):
        rebuild(sqlite_url(str(tmp_path / "bank.sqlite")), schemas(1), tmp_path / "redo")


@pytest.mark.parametrize("url", ["postgresql://bank", "sqlite://"])
def test_only_files_can_be_rebuilt(url: str) -> None:
    with pytest.raises(ConfigurationError, match="no file"):
        database_file(url)


async def test_where_the_log_has_no_room_nothing_is_committed_and_work_goes_on_when_there_is(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bank.add("one")

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(redo_log, "write_all", full)
        with pytest.raises(DiskFullError, match="go"):
            await bank.add("two")
    await bank.add("three")

    await bank.close()
    before = bank.rows()
    bank.lose()
    rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)
    assert [row[1] for row in bank.rows()] == ["one", "three"] == [row[1] for row in before]


async def test_a_disk_that_was_full_at_the_first_start_keeps_no_later_one_from_starting(
    tmp_path: Path, schemas: Callable[[int], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    bank = Bank(tmp_path, schemas(1))
    with monkeypatch.context() as disk:
        disk.setattr(redo_log, "write_all", full)
        with pytest.raises(DiskFullError):
            bank.open()

    await bank.open().add("one")

    await bank.close()
    before = bank.rows()
    bank.lose()
    rebuild(sqlite_url(str(bank.file)), bank.migrations, bank.redo)
    assert [row[1] for row in bank.rows()] == ["one"] == [row[1] for row in before]
