"""Many operations, one commit: the part of the Store that needs no event loop.

A commit costs a flush of the disk, an operation costs microseconds, so operations that wait anyway share a commit. Each
stands behind a savepoint of its own: one that raises leaves no trace, and the others are settled all the same.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, cast
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from tongbao.adapters.redo_capture import CapturingConnection, capture, move_on
from tongbao.adapters.redo_log import Change
from tongbao.errors import BusyError, DamageError, DiskFullError, InvariantError, StorageError, WorldError

__all__ = [
    "GroupWriter",
    "Operation",
    "Outcome",
    "Redo",
    "SnapshotReader",
    "open_engine",
    "sqlite_url",
    "world_error_of",
]

Operation = Callable[[sa.Connection], object]

# How long another process (a migration, a backup) may hold the database before callers are told that it is busy. The
# event loop stands still meanwhile.
_BUSY_TIMEOUT_MS = 1_000
# 64 MiB of pages: the hot part of an institution with a million wallets.
_CACHE_KIB = 65_536
# 32 MiB: a page that is changed by many commits is copied from the log to the database once, not every few commits, and
# a log of that size is read in a fraction of a second after a crash.
_LOG_PAGES = 8_192


class _DriverConnection(Protocol):
    """What sqlite3 and psycopg have in common; going past SQLAlchemy makes a savepoint cost 1 us instead of 16."""

    def execute(self, statement: str, /) -> object: ...


class Redo(Protocol):
    """Where the changes of a group are written down before its commit."""

    def append(self, changes: Sequence[Change], /) -> int:
        """Write down what changed and return the commit's number."""
        ...

    def take_back(self) -> None:
        """The commit has failed: forget what was written down last."""
        ...

    def close(self) -> None:
        """There will be no more commits."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one operation of a group came to: it returned `value`, or raised `error`."""

    value: object = None
    error: Exception | None = None


def sqlite_url(path: str) -> str:
    """The URL of the SQLite database in a file, whatever the file and its folders are called."""
    return f"sqlite:///{quote(path)}"


def open_engine(url: str, *, durable: bool = True) -> sa.Engine:
    """Prepare a database; nothing is opened before it is used.

    Without `durable` the newest commits may be missing after a power cut, though never an older one without a newer:
    right for what can be rebuilt from the journal, wrong for everything else.
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    # Parameters are people's data and stay out of error messages. A connection moves between the event loop and the
    # thread that commits, one user at a time.
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None, "factory": CapturingConnection},
    )
    synchronous = "FULL" if durable else "NORMAL"

    def keep_private(*_: object) -> None:
        """Make the file before SQLite does, for its owner alone; what SQLite puts beside it is made like it.

        A file that is there must not be touched: closing any descriptor of it ends all locks that this process has on
        it, and the next one who closes the database throws away the log with the newest commits.
        """
        if engine.url.database not in {None, "", ":memory:"}:
            with suppress(OSError):  # it is there; or SQLite says better what is wrong
                os.close(os.open(str(engine.url.database), os.O_CREAT | os.O_EXCL, 0o600))

    def set_pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        # What a savepoint may have to put back is otherwise written to a file of its own as soon as it is 64 KiB.
        connection.execute("PRAGMA temp_store=MEMORY")

    def begin(connection: sa.Connection) -> None:
        # Migrations run through SQLAlchemy's own transactions, which the driver would not start before a CREATE TABLE.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    sa.event.listen(engine, "do_connect", keep_private)
    sa.event.listen(engine, "connect", set_pragmas)
    sa.event.listen(engine, "begin", begin)
    return engine


class GroupWriter:
    """The one connection that writes. `run`, then `commit` or `roll_back`; a failure of the world ends the group."""

    def __init__(self, engine: sa.Engine, redo: Redo | None = None) -> None:
        self._engine = engine
        self._begin = _begin_statement(engine, writing=True)
        self._connection: sa.Connection | None = None
        self._redo = redo
        self._changes: list[Change] = []

    def run(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Start a transaction and run each operation in it; raises `WorldError` when the database itself fails."""
        try:
            connection = self._open()
            raw = _driver_connection(connection)
            self._changes.clear()
            raw.execute(self._begin)
            return [_isolated(connection, raw, operation, self._changes) for operation in operations]
        except BaseException as error:
            self.roll_back()
            _raise_world_error(error)
            raise

    def commit(self) -> None:
        """Make the group durable; raises `WorldError` when that fails, and then no operation of it has happened."""
        written = False
        try:
            connection = self._open()
            if self._redo is not None and self._changes:
                number = self._redo.append(self._changes)
                written = True
                move_on(connection, number)
            _driver_connection(connection).execute("COMMIT")
        except BaseException as error:
            self.roll_back()
            if written and self._redo is not None:
                self._redo.take_back()
            _raise_world_error(error)
            raise

    def roll_back(self) -> None:
        """Undo the group and let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # Closed rather than reused: a connection that saw the disk fail may remember what the disk does not.
            connection.invalidate()
            connection.close()

    def _open(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if self._redo is not None:
                capture(self._connection, self._changes)
        return self._connection


class SnapshotReader:
    """A connection that only reads; each operation sees one state of the database from beginning to end."""

    def __init__(self, engine: sa.Engine) -> None:
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._begin = _begin_statement(engine, writing=False)
        if engine.dialect.name == "sqlite":
            _driver_connection(self._connection).execute("PRAGMA query_only=ON")

    def run(self, operation: Operation) -> object:
        """Run one operation; raises `WorldError` when the database itself fails."""
        try:
            raw = _driver_connection(self._connection)
            raw.execute(self._begin)
            try:
                return operation(self._connection)
            finally:
                raw.execute("ROLLBACK")
        except Exception as error:
            _raise_world_error(error)
            raise

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.invalidate()
        self._connection.close()


def world_error_of(error: BaseException) -> WorldError | None:
    """Return what to tell callers when the database failed; None when the operation itself is at fault."""
    if isinstance(error, WorldError):
        return error
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite_failure(cause)
    state = str(getattr(cause, "sqlstate", None) or "")
    if state == "53100":  # PostgreSQL: disk_full
        return DiskFullError(f"the database has no room left ({cause}); make room, and it goes on by itself")
    # Connection failures, lack of resources, operator intervention, errors of the system.
    if state[:2] in {"08", "53", "57", "58"} or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return StorageError(f"the database failed: {cause}")
    return None


def _raise_world_error(error: BaseException) -> None:
    failure = world_error_of(error)
    if failure is not None and failure is not error:
        raise failure from error


def _sqlite_failure(error: sqlite3.Error) -> WorldError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFullError("the database has no room left on its disk; make room, and it goes on by itself")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return BusyError("another process holds the database")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return DamageError(f"the database is damaged ({error}); restore it from a copy")
    if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM}:
        return StorageError(f"the database failed: {error}")
    return None


def _isolated(
    connection: sa.Connection, raw: _DriverConnection, operation: Operation, changes: list[Change]
) -> Outcome:
    before = len(changes)
    raw.execute("SAVEPOINT operation")
    try:
        outcome = Outcome(operation(connection))
    except Exception as error:  # noqa: BLE001  # whatever an operation raises belongs to whoever asked for it
        # PostgreSQL's driver has no class of errors that could be named without it; all of them carry a state.
        if isinstance(error, DBAPIError | sqlite3.Error) or getattr(error, "sqlstate", None):
            _raise_world_error(error)
        raw.execute("ROLLBACK TO SAVEPOINT operation")
        del changes[before:]
        outcome = Outcome(error=error)
    try:
        raw.execute("RELEASE SAVEPOINT operation")
    except Exception as error:
        if world_error_of(error) is not None:
            raise
        raise InvariantError(f"{operation!r} ended the transaction that it shares with others") from error
    return outcome


def _begin_statement(engine: sa.Engine, *, writing: bool) -> str:
    if engine.dialect.name == "sqlite":
        return "BEGIN IMMEDIATE" if writing else "BEGIN"
    return "BEGIN" if writing else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def _driver_connection(connection: sa.Connection) -> _DriverConnection:
    return cast("_DriverConnection", connection.connection.dbapi_connection)
