"""An institution's database with one customer in it, for tests of single tables."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from tongbao.adapters.migration import upgrade
from tongbao.adapters.sql_group import open_engine, sqlite_url
from tongbao.institutions import migrations


@cache
def _fresh() -> bytes:
    """A database that all migrations have made, as SQLite writes it; made once for all tests of a process."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "fresh.sqlite")
        engine = open_engine(sqlite_url(str(path)))
        upgrade(engine, migrations)
        engine.dispose()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        return path.read_bytes()


def make_fresh(path: Path) -> None:
    """Put an institution's first database there, unless there is one: migrating takes a tenth of a second each time."""
    if not path.exists():
        path.write_bytes(_fresh())
        path.chmod(0o600)


@contextmanager
def database_of_alice(wallet_id: bytes, *, balance_fen: int = 0) -> Iterator[sa.Connection]:
    """Alice has one wallet of class IV, whose key nobody needs."""
    engine = open_engine("sqlite://")
    upgrade(engine, migrations)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO customers VALUES (1, 'Alice', 'personal', 0)")
        connection.exec_driver_sql("INSERT INTO accounts VALUES (1001, 'deposit 1', 'deposit', 1, 0)")
        connection.exec_driver_sql(
            "INSERT INTO wallets (wallet_id, customer_id, account_id, main_key, wallet_class, kind, holder_name, "
            "balance_fen, locks_given, locks_stocked, since_ms) "
            "VALUES (?, 1, 1001, x'00', 'IV', 'personal', 'Alice', ?, 0, 0, 0)",
            (wallet_id, balance_fen),
        )
        yield connection
    engine.dispose()
