from importlib.resources import as_file, files
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

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


def test_orders_that_were_paid_before_keep_their_state_and_name_the_coin_that_paid_them(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/old.sqlite")
    _upgrade_to(engine, "2026_11_22_scans")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO orders (order_id, wallet_id, order_number, amount_fen, refunded_fen, description, life_s, "
            "lock_id, expires_ms, paid_ms, paid_transaction_id) "
            "VALUES (x'01', x'02', '7', 300, 100, 'tea', 900, x'03', 5, 4, x'04'), "
            "(x'11', x'02', '8', 300, 0, 'tea', 900, x'13', 5, NULL, NULL)"
        )
        connection.exec_driver_sql(
            "INSERT INTO coins (coin_id, origin, output_index, asset, value, home, lock_id, owner, sequence, spent) "
            "VALUES (x'05', x'04', 0, 0, 300, 1, x'03', 'wallet', 1, 1)"
        )

    upgrade(engine, migrations)

    with engine.begin() as connection:
        kept = connection.exec_driver_sql(
            "SELECT order_number, amount_fen, refunded_fen, tip_fen, paid_coin_id, cancelled_ms FROM orders"
        ).all()
        assert [tuple(row) for row in kept] == [("7", 300, 100, 0, b"\x05", None), ("8", 300, 0, 0, None, None)]
    for statement in (
        "UPDATE orders SET refunded_fen = 301",
        "UPDATE orders SET tip_fen = 1",
        "UPDATE orders SET cancelled_ms = 1 WHERE paid_ms IS NOT NULL",
    ):
        with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _upgrade_to(engine: sa.Engine, revision: str) -> None:
    with as_file(files(migrations)) as folder, engine.begin() as connection:
        configuration = Config()
        configuration.set_main_option("script_location", str(folder))
        configuration.set_main_option("path_separator", "os")
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)
