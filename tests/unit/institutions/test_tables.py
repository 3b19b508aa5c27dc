from pathlib import Path

import pytest
import sqlalchemy as sa

import tongbao.institutions.opening  # noqa: F401 - whose imports declare every table
from tongbao.adapters.migration import upgrade
from tongbao.adapters.sql_group import open_engine
from tongbao.institutions import migrations
from tongbao.institutions.columns import metadata


def test_migrations_make_from_nothing_just_the_tables_that_the_code_queries(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new.sqlite")

    upgrade(engine, migrations)

    found = sa.inspect(engine)
    made = {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}
    made.pop("alembic_version")
    assert made == {table.name: {column.name for column in table.columns} for table in metadata.tables.values()}
    engine.dispose()


def test_an_upgrade_that_has_nothing_to_do_leaves_everything(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new.sqlite")
    upgrade(engine, migrations)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO counters (name, value) VALUES ('mine', 7)")

    upgrade(engine, migrations)

    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT value FROM counters WHERE name = 'mine'").scalar_one()
    assert kept == 7
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts SET balance_fen = -1 WHERE account_id = 4",
        "INSERT INTO accounts VALUES (1000, 'deposit 1', 'deposit', NULL, -1)",
        "INSERT INTO accounts VALUES (1000, 'other', 'other', NULL, 0)",
        "INSERT INTO usage VALUES (x'00', 2021, -1)",
        "INSERT INTO coins VALUES (1, x'00', x'00', 0, 0, 0, 1, x'00', 'vault', NULL, NULL, 0, 0)",
        "INSERT INTO usage VALUES (x'00', 2021, 1.5)",
    ],
)
def test_the_database_itself_refuses_money_that_cannot_be(tmp_path: Path, statement: str) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new.sqlite")
    upgrade(engine, migrations)

    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(statement)

    engine.dispose()
