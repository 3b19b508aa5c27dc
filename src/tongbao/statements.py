"""Statements of SQLAlchemy Core that are compiled once and run by the database's driver.

A payment takes a dozen statements at an institution, and as many in its wallets. SQLAlchemy spends 20 microseconds on
each call beside the 5 that SQLite takes, so what every payment runs goes this way, and everything else through it. For
a list of values it writes a new statement for each length, which takes 100; here few lengths serve for all.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

import sqlalchemy as sa

__all__ = ["Among", "Statement"]


class _Cursor(Protocol):
    @property
    def description(self) -> Sequence[Sequence[Any]]: ...
    @property
    def rowcount(self) -> int: ...
    def execute(self, statement: str, parameters: Any, /) -> object: ...  # noqa: ANN401 - a tuple or a dict
    def executemany(self, statement: str, parameters: Any, /) -> object: ...  # noqa: ANN401
    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def close(self) -> object: ...


class _DriverConnection(Protocol):
    def cursor(self) -> _Cursor: ...


class Statement:
    """A statement, or its text, without lists of values in it; every run of an insert gives the same columns."""

    def __init__(self, core: sa.Executable | str) -> None:
        self._core = sa.text(core) if isinstance(core, str) else core
        self._dialect = ""
        self._text = ""
        # In the order in which the driver wants them; None where it wants them by name.
        self._order: tuple[str, ...] | None = None
        self._constants: dict[str, Any] = {}
        self._row: Any = None

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> int:
        """Run it and return how many rows it changed."""
        cursor = self._execute(connection, values)
        count = cursor.rowcount
        cursor.close()
        return count

    def run_many(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of the rows, which have the same names."""
        if not rows:
            return
        self._prepare(connection, rows[0])
        cursor = _cursor(connection)
        cursor.executemany(self._text, [self._parameters(values) for values in rows])
        cursor.close()

    def all(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run it and return its rows, with their columns by name."""
        cursor = self._execute(connection, values)
        found = cursor.fetchall()
        if self._row is None:
            self._row = _row_of([column[0] for column in cursor.description])
        cursor.close()
        make = self._row._make
        return [make(row) for row in found]

    def first(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a row, or None
        """Run it and return its only row, or None."""
        found = self.all(connection, values)
        return found[0] if found else None

    def _execute(self, connection: sa.Connection, values: Mapping[str, Any]) -> _Cursor:
        self._prepare(connection, values)
        cursor = _cursor(connection)
        cursor.execute(self._text, self._parameters(values))
        return cursor

    def _prepare(self, connection: sa.Connection, values: Mapping[str, Any]) -> None:
        if self._dialect == connection.dialect.name:
            return
        # An insert names just the columns that are given, so that the database numbers its rows.
        names = list(values) if isinstance(self._core, sa.Insert) else None
        compiled: Any = cast("sa.ClauseElement", self._core).compile(dialect=connection.dialect, column_keys=names)
        self._text = str(compiled)
        self._order = tuple(compiled.positiontup) if compiled.positional else None
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        self._dialect = connection.dialect.name

    def _parameters(self, values: Mapping[str, Any]) -> "tuple[Any, ...] | dict[str, Any]":
        if self._constants:
            values = {**self._constants, **values}
        if self._order is None:
            return dict(values)
        return tuple([values[name] for name in self._order])


class Among:
    """A selection of what is among the members of a list; `select` makes it for as many parameters as it is given."""

    def __init__(self, select: Callable[[list[sa.BindParameter[Any]]], sa.Executable]) -> None:
        self._select = select
        # With the names of their parameters for members.
        self._by_size: dict[int, tuple[list[str], Statement]] = {}

    def all(
        self, connection: sa.Connection, members: Sequence[Any], values: Mapping[str, Any] | None = None
    ) -> list[Any]:
        """The rows for the members, of which one may be given twice, with their columns by name."""
        if not members:
            return []
        # A power of two; the last member again and again fills it up, which changes nothing.
        size = 1 << (len(members) - 1).bit_length()
        if size not in self._by_size:
            names = [f"member_{place}" for place in range(size)]
            self._by_size[size] = names, Statement(self._select([sa.bindparam(name) for name in names]))
        names, statement = self._by_size[size]
        filled = [*members, *[members[-1]] * (size - len(members))]
        return statement.all(connection, {**(values or {}), **dict(zip(names, filled, strict=True))})


def _row_of(names: list[str]) -> Any:  # noqa: ANN401 - a type that is made here
    return namedtuple("Row", names)  # noqa: PYI024 - its fields are known at run time alone


def _cursor(connection: sa.Connection) -> _Cursor:
    return cast("_DriverConnection", connection.connection.dbapi_connection).cursor()
