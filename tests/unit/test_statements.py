from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tongbao.statements import Among, Statement

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


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 9])
def test_what_is_among_the_members_of_a_list_is_found_once_however_many_they_are(
    connection: sa.Connection, count: int
) -> None:
    Statement(sa.insert(shelf)).run_many(connection, [{"number": number, "name": "a"} for number in range(20)])
    among = Among(lambda numbers: sa.select(shelf.c.number).where(shelf.c.number.in_(numbers)))

    found = among.all(connection, range(15, 15 + count))

    assert [row.number for row in found] == list(range(15, min(15 + count, 20)))


def test_a_selection_among_members_takes_other_values_as_well(connection: sa.Connection) -> None:
    Statement(sa.insert(shelf)).run_many(
        connection, [{"number": number, "name": "ab"[number % 2]} for number in (1, 2)]
    )
    among = Among(
        lambda numbers: sa.select(shelf.c.number).where(
            shelf.c.number.in_(numbers), shelf.c.name == sa.bindparam("wanted")
        )
    )

    assert [row.number for row in among.all(connection, [1, 2, 3], {"wanted": "b"})] == [1]


def test_nothing_is_among_none(connection: sa.Connection) -> None:
    among = Among(lambda numbers: sa.select(shelf.c.number).where(shelf.c.number.in_(numbers)))

    assert among.all(connection, []) == []
