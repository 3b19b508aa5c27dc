"""What changes is taken down, whoever runs it; what only reads is not."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tongbao.adapters.redo_capture import capture, keep_position, move_on, read_position
from tongbao.adapters.redo_log import Change
from tongbao.adapters.sql_group import open_engine
from tongbao.errors import StorageError
from tongbao.statements import Statement

GENERATION = b"g" * 16
TABLE = sa.Table("t", sa.MetaData(), sa.Column("v", sa.LargeBinary))


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = open_engine("sqlite://")
    with engine.connect() as opened:
        opened.execution_options(isolation_level="AUTOCOMMIT")
        opened.exec_driver_sql("CREATE TABLE t (v BLOB UNIQUE)")
        yield opened
    engine.dispose()


@pytest.fixture
def changes(connection: sa.Connection) -> list[Change]:
    taken_down: list[Change] = []
    capture(connection, taken_down)
    return taken_down


def test_every_way_to_change_something_is_taken_down(connection: sa.Connection, changes: list[Change]) -> None:
    connection.execute(sa.insert(TABLE), {"v": b"core"})
    connection.execute(sa.insert(TABLE), [{"v": b"many 1"}, {"v": b"many 2"}])
    Statement(sa.insert(TABLE)).run(connection, {"v": b"past it"})
    Statement(sa.insert(TABLE)).run_many(connection, [{"v": b"past it, many"}])
    connection.exec_driver_sql("WITH x AS (SELECT 1) DELETE FROM t WHERE v = ?", (b"core",))
    connection.exec_driver_sql("UPDATE t SET v = NULL WHERE v = ? RETURNING v", (b"many 1",)).all()

    words = [(statement.split()[0], many) for statement, many, _ in changes]
    assert words == [
        ("INSERT", False),
        ("INSERT", True),
        ("INSERT", False),
        ("INSERT", True),
        ("WITH", False),
        ("UPDATE", False),
    ]
    assert [bytes(row[0]) for row in changes[1][2]] == [b"many 1", b"many 2"]


@pytest.mark.parametrize(
    "statement",
    ["SELECT v FROM t", "  select replace('a', 'b', 'c')", "PRAGMA table_info(t)", "EXPLAIN DELETE FROM t", "BEGIN"],
)
def test_what_changes_nothing_is_not_taken_down(
    connection: sa.Connection, changes: list[Change], statement: str
) -> None:
    connection.exec_driver_sql(statement)

    assert changes == []


def test_what_fails_is_not_taken_down(connection: sa.Connection, changes: list[Change]) -> None:
    connection.execute(sa.insert(TABLE), {"v": b"once"})

    with pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.insert(TABLE), {"v": b"once"})

    assert len(changes) == 1


def test_nothing_is_taken_down_where_nobody_wants_to_know(connection: sa.Connection) -> None:
    other: list[Change] = []

    connection.execute(sa.insert(TABLE), {"v": b"quiet"})
    capture(connection, other)

    assert other == []


def test_a_database_says_how_far_it_is(connection: sa.Connection) -> None:
    assert read_position(connection) is None

    keep_position(connection, (GENERATION, 7))
    move_on(connection, 8)

    assert read_position(connection) == (GENERATION, 8)


def test_no_commit_is_passed_over(connection: sa.Connection) -> None:
    keep_position(connection, (GENERATION, 7))

    with pytest.raises(StorageError, match="not where its redo log is"):
        move_on(connection, 9)
