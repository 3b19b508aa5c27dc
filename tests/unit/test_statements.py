from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tongbao.statements import Statement

shelf = sa.Table("shelf", sa.MetaData(), sa.Column("number", sa.Integer, primary_key=True), sa.Column("name", sa.Text))


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        shelf.create(connection)
        yield connection
    engine.dispose()


def test_an_insert_gives_the_columns_it_is_given_and_the_database_the_rest(connection: sa.Connection) -> None:
    insert = Statement(sa.insert(shelf).returning(shelf.c.number))

    numbers = [insert.first(connection, {"name": name}).number for name in ("a", "b")]

    assert numbers == [1, 2]


def test_rows_have_the_names_of_their_columns(connection: sa.Connection) -> None:
    Statement(sa.insert(shelf)).run_many(connection, [{"name": "a"}, {"name": "b"}])

    found = Statement(sa.select(shelf).order_by(shelf.c.number.desc())).all(connection, {})

    assert [(row.number, row.name) for row in found] == [(2, "b"), (1, "a")]


def test_a_statement_counts_what_it_changes(connection: sa.Connection) -> None:
    insert = Statement("INSERT INTO shelf (number, name) VALUES (:number, :name) ON CONFLICT DO NOTHING")

    changed = [insert.run(connection, {"number": 1, "name": name}) for name in ("a", "b")]

    assert changed == [1, 0]


def test_constants_of_a_statement_need_not_be_given(connection: sa.Connection) -> None:
    Statement(sa.insert(shelf)).run(connection, {"number": 1, "name": "a"})
    update = Statement(sa.update(shelf).where(shelf.c.number == sa.bindparam("wanted")).values(name=shelf.c.name + "!"))

    update.run(connection, {"wanted": 1})

    assert Statement(sa.select(shelf.c.name)).first(connection, {}).name == "a!"


def test_nothing_is_found_where_nothing_is(connection: sa.Connection) -> None:
    select = Statement(sa.select(shelf.c.name).where(shelf.c.number == sa.bindparam("wanted")))

    assert select.first(connection, {"wanted": 9}) is None


def test_no_rows_are_no_work(connection: sa.Connection) -> None:
    Statement(sa.insert(shelf)).run_many(connection, [])

    assert Statement(sa.select(shelf)).all(connection, {}) == []
