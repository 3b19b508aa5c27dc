"""The office's database, as migrations make it and as queries see it."""

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tongbao.adapters.migration import upgrade
from tongbao.adapters.sql_group import open_engine
from tongbao.centres.central_bank import migrations
from tongbao.centres.central_bank.tables import metadata


def database(tmp_path: Path) -> sa.Engine:
    return open_engine(f"sqlite:///{tmp_path}/office.sqlite")


def test_migrations_make_the_tables_that_queries_expect(tmp_path: Path) -> None:
    engine = database(tmp_path)

    upgrade(engine, migrations)

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        strict = connection.exec_driver_sql("SELECT name FROM pragma_table_list WHERE strict = 1").scalars().all()
    assert {"settings", "proposals", "approvals"} <= set(strict)
    engine.dispose()


def test_a_second_upgrade_changes_nothing(tmp_path: Path) -> None:
    engine = database(tmp_path)
    upgrade(engine, migrations)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO settings VALUES ('kept', x'01')")

    upgrade(engine, migrations)

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT value FROM settings").scalar() == b"\x01"
    engine.dispose()
