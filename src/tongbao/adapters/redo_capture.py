"""What a connection to SQLite changes, taken down at its driver, past which no statement goes.

Whoever runs a statement, SQLAlchemy or what goes past it, asks the driver's connection for a cursor. So whatever tables
an actor has, and whatever it does with them, is taken down without a word of its own.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import sqlalchemy as sa

from tongbao.adapters.redo_log import GENERATION_BYTES, Change
from tongbao.errors import StorageError

__all__ = [
    "CapturingConnection",
    "Position",
    "capture",
    "commit_in",
    "keep_position",
    "move_on",
    "position_in",
    "read_position",
]

# Everything else changes something, or is a transaction's beginning and end.
_READS: Final = re.compile(
    r"\s*(SELECT|PRAGMA|EXPLAIN|VALUES|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE
)
_CHANGES: Final = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)

POSITION_TABLE: Final = "redo_position"
"""Not among the actor's tables: it is the log's own, and each copy of a database says by it what the copy holds."""

_MAKE: Final = f"CREATE TABLE IF NOT EXISTS {POSITION_TABLE} (generation BLOB NOT NULL, number INTEGER NOT NULL) STRICT"
_FORGET: Final = f"DELETE FROM {POSITION_TABLE}"  # noqa: S608 - a constant of this module
_KEEP: Final = f"INSERT INTO {POSITION_TABLE} VALUES (?, ?)"  # noqa: S608
_READ: Final = f"SELECT generation, number FROM {POSITION_TABLE}"  # noqa: S608
_THERE: Final = "SELECT 1 FROM sqlite_schema WHERE name = ?"
_MOVE_ON: Final = f"UPDATE {POSITION_TABLE} SET number = ? WHERE number = ?"  # noqa: S608

Position = tuple[bytes, int]
"""The generation of log and database, and the number of the last commit that the database holds."""


class CapturingCursor(sqlite3.Cursor):
    """Takes down what it changes, once that has succeeded."""

    def execute(self, statement: str, parameters: Any = (), /) -> "CapturingCursor":  # noqa: ANN401 - as the driver says
        """Run a statement."""
        super().execute(statement, parameters)
        cast("CapturingConnection", self.connection).take_down(statement, parameters, many=False)
        return self

    def executemany(self, statement: str, parameters: Any, /) -> "CapturingCursor":  # noqa: ANN401
        """Run a statement once for each of the parameters."""
        rows = list(parameters)
        super().executemany(statement, rows)
        cast("CapturingConnection", self.connection).take_down(statement, rows, many=True)
        return self


class CapturingConnection(sqlite3.Connection):
    """A connection whose changes are taken down where it is told to."""

    taken_down: "list[Change] | None" = None

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - what the driver takes
        super().__init__(*arguments, **named)
        self._changing: dict[str, bool] = {}

    def cursor(self, factory: Any = CapturingCursor) -> Any:  # noqa: ANN401 - as the driver says
        """A cursor on this connection."""
        return super().cursor(factory)

    def take_down(self, statement: str, parameters: Any, *, many: bool) -> None:  # noqa: ANN401
        """Remember a statement that has run, if it changes something and somebody wants to know."""
        taken_down = self.taken_down
        if taken_down is None:
            return
        changing = self._changing.get(statement)
        if changing is None:
            changing = self._changing[statement] = _is_change(statement)
        if changing:
            taken_down.append((statement, many, parameters))


def _is_change(statement: str) -> bool:
    return _READS.match(statement) is None and _CHANGES.search(statement) is not None


def capture(connection: sa.Connection, changes: list[Change]) -> None:
    """Have every change on this connection added to the list from now on."""
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, CapturingConnection):
        raise StorageError(f"a redo log is kept of SQLite's databases, not of {connection.dialect.name}'s")
    raw.taken_down = changes


def read_position(connection: sa.Connection) -> Position | None:
    """How far the database is in its log; None where it never had one."""
    if not sa.inspect(connection).has_table(POSITION_TABLE):
        return None
    row = connection.exec_driver_sql(_READ).one_or_none()
    return None if row is None else (row[0], row[1])


def commit_in(database: Path) -> int | None:
    """The last commit of its log that a database holds, which is only read; None where it has no log."""
    position = position_in(database)
    return None if position is None else position[1]


def position_in(database: Path) -> Position | None:
    """Of which log a database is, and how far, which is only read; None where it has no log."""
    with closing(sqlite3.connect(f"file:{quote(str(database.absolute()))}?mode=ro", uri=True)) as connection:
        if connection.execute(_THERE, (POSITION_TABLE,)).fetchone() is None:
            return None
        row = connection.execute(_READ).fetchone()
    return None if row is None else (bytes(row[0]), int(row[1]))


def keep_position(connection: sa.Connection, position: Position) -> None:
    """Say of which log the database is, and how far."""
    generation, number = position
    if len(generation) != GENERATION_BYTES:
        raise ValueError(f"a generation has {GENERATION_BYTES} bytes, not {len(generation)}")
    connection.exec_driver_sql(_MAKE)
    connection.exec_driver_sql(_FORGET)
    connection.exec_driver_sql(_KEEP, (generation, number))


def move_on(connection: sa.Connection, number: int) -> None:
    """Let the database say that it holds commit `number`, which is being made.

    Raises:
        StorageError: it does not hold the one before.
    """
    raw = connection.connection.dbapi_connection
    if raw is None or raw.cursor().execute(_MOVE_ON, (number, number - 1)).rowcount != 1:
        raise StorageError("the database is not where its redo log is: stop the process and start it again")
