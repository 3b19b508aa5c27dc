"""A database and its redo log kept together: at the start what only one of them holds is brought to the other.

Where the log is ahead, as after a crash between writing and commit or with an older copy put in place, the database is
brought on by the log. Where the log has lost its end, as after a power cut, the database is copied as a new base.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa

from tongbao.adapters.database_copy import copy_database, put_in_place, remove_database, set_aside
from tongbao.adapters.migration import revision_of, upgrade
from tongbao.adapters.redo_capture import Position, keep_position, move_on, read_position
from tongbao.adapters.redo_log import GENERATION_BYTES, RedoLog, RedoRecord
from tongbao.adapters.sql_group import open_engine, sqlite_url
from tongbao.errors import ConfigurationError, DamageError

__all__ = ["Rebuilt", "database_file", "keep_redo", "rebuild", "redo"]

UNFINISHED = ".rebuilding"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        database: what was made.
        start: the copy that it began with; None where it began with nothing.
        from_number: the last commit that the copy held.
        to_number: the last commit of the log.
        aside: where the database that was there lies now; None where there was none.
        torn_bytes: how much at the log's end could not be read.
    """

    database: Path
    start: Path | None
    from_number: int
    to_number: int
    aside: Path | None
    torn_bytes: int


def database_file(url: str) -> Path:
    """The file of an SQLite database.

    Raises:
        ConfigurationError: it is another kind of database, or one in memory.
    """
    parsed = sa.make_url(url)
    if not url.startswith("sqlite") or parsed.database in {None, "", ":memory:"}:
        raise ConfigurationError(f"{parsed.render_as_string()} is no file: this is for SQLite's databases")
    return Path(str(parsed.database))


def keep_redo(
    engine: sa.Engine, migrations: ModuleType, directory: Path, *, entropy: Callable[[int], bytes]
) -> RedoLog:
    """The database's log, with both where the one further ahead was, and the database's schema the newest.

    Raises:
        ConfigurationError: the database is gone and the log is not, or they do not belong together.
        DamageError: the log lacks what the database lacks.
    """
    log = RedoLog.open(directory)
    try:
        is_empty, position = _is_empty(engine), _position(engine)
        if log.generation:
            position = _agreed(engine, migrations, log, position)
        upgrade(engine, migrations)
        if not log.generation or position is None or position[1] > log.last:
            after = 0 if position is None else position[1]
            _begin_anew(engine, log, (entropy(GENERATION_BYTES), after), with_base=not is_empty)
        with engine.begin() as connection:
            # At each start, so that the log never says less than the database of what a change was made to.
            move_on(connection, log.mark(revision_of(connection)))
    except BaseException:
        log.close()
        raise
    return log


def _position(engine: sa.Engine) -> Position | None:
    with engine.connect() as connection:
        return read_position(connection)


def _is_empty(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        return not sa.inspect(connection).get_table_names()


def _agreed(engine: sa.Engine, migrations: ModuleType, log: RedoLog, position: Position | None) -> Position:
    """Where the database is once it has all that the log has."""
    if position is None:
        raise _gone(log) if _is_empty(engine) else _strange(log)
    if position[0] != log.generation:
        raise _strange(log)
    if position[1] < log.last:
        _log.warning("the database holds commit %d and its log %d: it is brought on", position[1], log.last)
        redo(engine, migrations, log.read(position[1]))
        return position[0], log.last
    return position


def _gone(log: RedoLog) -> ConfigurationError:
    return ConfigurationError(
        f"the database is empty, and {log.directory} holds the log of one up to commit {log.last}: "
        "bring it back with tongbao rebuild --config FILE, or name an empty directory for the log of a new one"
    )


def _strange(log: RedoLog) -> ConfigurationError:
    return ConfigurationError(
        f"{log.directory} holds the log of another database than this one: "
        "put the right database in place, or name an empty directory for the log of this one"
    )


def _begin_anew(engine: sa.Engine, log: RedoLog, position: Position, *, with_base: bool) -> None:
    """Let the log begin with this database; what the database holds already is kept as its base."""
    generation, after = position
    log.begin(generation, after=after)
    with engine.begin() as connection:
        keep_position(connection, position)
    if with_base:
        _log.warning("the redo log begins anew behind commit %d, with a copy of the database as its base", after)
        copy_database(database_file(str(engine.url)), log.directory / f"base-{after:020d}.sqlite")


def redo(engine: sa.Engine, migrations: ModuleType, records: Iterable[RedoRecord]) -> None:
    """Make the changes of the records, each as it was made; all or none of a record.

    Raises:
        DamageError: a change cannot be made: log and database do not belong together.
    """
    for record in records:
        if record.revision:
            upgrade(engine, migrations, record.revision)
        try:
            with engine.begin() as connection:
                cursor = connection.connection.cursor()
                for statement, many, parameters in record.changes:
                    if many:
                        cursor.executemany(statement, parameters)
                    else:
                        cursor.execute(statement, parameters)
                        cursor.fetchall()
                move_on(connection, record.number)
        except sqlite3.Error as error:
            raise DamageError(f"commit {record.number} of the log does not fit the database: {error}") from error


def rebuild(url: str, migrations: ModuleType, directory: Path, *, start: Path | None = None) -> Rebuilt:
    """Make the database from a copy, or from the base in its log, and everything that the log holds since.

    What is there under its name is set aside and not lost. `start` is the copy; without it the log's own base serves,
    or nothing, where the log goes back to the first commit.

    Raises:
        ConfigurationError: the log is in use, or the copy is not of this log.
        DamageError: the log does not go back to the copy, or its records do not fit.
    """
    target, log = database_file(url), RedoLog.open(directory)
    try:
        if not log.generation:
            raise ConfigurationError(f"{directory} holds no redo log: name the directory that the configuration names")
        chosen = start or _base(log)
        unfinished = target.with_name(target.name + UNFINISHED)
        remove_database(unfinished)
        from_number = _bring_up(unfinished, migrations, log, chosen)
        aside = set_aside(target)
        put_in_place(unfinished, target)
        return Rebuilt(target, chosen, from_number, log.last, aside, log.torn_bytes)
    finally:
        log.close()


def _base(log: RedoLog) -> Path | None:
    bases = sorted(log.directory.glob("base-*.sqlite"))
    if not bases and log.first > 1:
        raise ConfigurationError(
            f"{log.directory} begins with commit {log.first} and has no base: name a copy of the database with --backup"
        )
    return bases[-1] if bases else None


def _bring_up(unfinished: Path, migrations: ModuleType, log: RedoLog, start: Path | None) -> int:
    """Make the database under another name; returns what the copy held."""
    if start is not None:
        copy_database(start, unfinished)
    engine = open_engine(sqlite_url(str(unfinished)))
    try:
        if start is None:
            with engine.begin() as connection:
                keep_position(connection, (log.generation, 0))
        position = _position(engine)
        if position is None or position[0] != log.generation:
            raise ConfigurationError(f"{start} is not a copy of the database whose log is in {log.directory}")
        redo(engine, migrations, log.read(position[1]))
        with engine.connect() as connection:
            raw = connection.execution_options(isolation_level="AUTOCOMMIT")
            raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
    return position[1]
