"""The Store of a simulation: shared commits, a full disk, and a file that outlives its users."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import sqlalchemy as sa

from tongbao.adapters.entropy import SeededEntropy
from tongbao.errors import DiskFullError, RefusedError
from tongbao.simulation.database import VirtualDatabase, VirtualStore
from tongbao.simulation.disk import CrashedError
from tongbao.simulation.incarnation import Incarnation
from tongbao.simulation.trace import Trace

TABLES = sa.MetaData()
NAMES = sa.Table("names", TABLES, sa.Column("name", sa.Text, primary_key=True))


@pytest.fixture
async def database() -> AsyncIterator[VirtualDatabase]:
    opened = VirtualDatabase()
    TABLES.create_all(opened.engine)
    yield opened
    opened.close()


def life_of(database: VirtualDatabase, number: int = 1) -> tuple[Incarnation, VirtualStore, Trace]:
    living, trace = Incarnation("bank", number), Trace(lambda: 0.0)
    return living, VirtualStore(living, database, trace, SeededEntropy("1"), commit_ms_max=2), trace


def add(name: str) -> Callable[[sa.Connection], str]:
    def operation(connection: sa.Connection) -> str:
        connection.execute(NAMES.insert().values(name=name))
        return name

    return operation


def names(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.select(NAMES.c.name).order_by(NAMES.c.name)).scalars())


async def test_operations_that_wait_share_a_commit_and_fail_alone(database: VirtualDatabase) -> None:
    def refuse(connection: sa.Connection) -> str:
        add("half")(connection)
        raise RefusedError("limit")

    _, store, trace = life_of(database)

    outcomes = await asyncio.gather(*map(store.write, [add("a"), refuse, add("b")]), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [str, RefusedError, str]
    assert await store.read(names) == ["a", "b"]
    assert trace.lines == ["0.000 commit bank/1 3 operations 1 failed"]


async def test_a_full_disk_refuses_writes_until_there_is_room(database: VirtualDatabase) -> None:
    _, store, _ = life_of(database)
    database.full = True

    with pytest.raises(DiskFullError):
        await store.write(add("lost"))
    database.full = False
    await store.write(add("kept"))

    assert await store.read(names) == ["kept"]


async def test_the_next_life_finds_what_the_last_one_committed(database: VirtualDatabase) -> None:
    for number in range(40):
        living, store, _ = life_of(database, number)
        await store.write(add(f"{number:02}"))
        await living.kill()

    _, store, _ = life_of(database, 40)
    assert await store.read(names) == [f"{number:02}" for number in range(40)]


async def test_a_dead_store_neither_writes_nor_reads(database: VirtualDatabase) -> None:
    living, store, _ = life_of(database)
    await living.kill()

    with pytest.raises(CrashedError):
        await store.write(add("late"))
    with pytest.raises(CrashedError):
        await store.read(names)
    assert await life_of(database, 2)[1].read(names) == []


async def test_two_databases_know_nothing_of_each_other(database: VirtualDatabase) -> None:
    other = VirtualDatabase()
    TABLES.create_all(other.engine)
    await life_of(database)[1].write(add("here"))

    assert await life_of(other)[1].read(names) == []
    other.close()
