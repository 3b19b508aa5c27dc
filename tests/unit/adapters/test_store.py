"""One writer, shared commits, operations that fail alone, and a database that fails."""

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tongbao.adapters import store as adapters_store
from tongbao.adapters.sql_group import open_engine, sqlite_url
from tongbao.adapters.store import GROUP_OPERATIONS_MAX, WAITING_MAX, SqlStore
from tongbao.errors import BusyError, DamageError, DiskFullError, InvariantError, RefusedError, StorageError

TABLES = sa.MetaData()
ACCOUNTS = sa.Table(
    "accounts",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("balance_fen", sa.Integer, sa.CheckConstraint("balance_fen >= 0"), nullable=False),
    sqlite_strict=True,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = SqlStore.open(f"sqlite:///{tmp_path}/bank.sqlite")
    TABLES.create_all(opened.engine)
    yield opened
    await opened.close()


@pytest.mark.parametrize("name", ["bank", "50% of #1 & what?", "a b@c:d", "农业"])
async def test_a_database_may_have_any_name_that_a_file_may_have(tmp_path: Path, name: str) -> None:
    opened = SqlStore.open(sqlite_url(str(tmp_path / name)))

    await opened.write(lambda connection: connection.execute(sa.text("CREATE TABLE t (c)")))

    await opened.close()
    assert (tmp_path / name).is_file()


def add(name: str, balance_fen: int = 1) -> Callable[[sa.Connection], str]:
    def operation(connection: sa.Connection) -> str:
        connection.execute(ACCOUNTS.insert().values(name=name, balance_fen=balance_fen))
        return name

    return operation


def names(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.select(ACCOUNTS.c.name).order_by(sa.text("rowid"))).scalars())


def statements_of(store: SqlStore) -> list[str]:
    """What SQLite is told from now on, by connections opened from now on."""
    told: list[str] = []
    sa.event.listen(store.engine, "connect", lambda connection, _entry: connection.set_trace_callback(told.append))
    store.engine.dispose()
    return told


async def test_what_is_answered_is_in_the_file(store: SqlStore, tmp_path: Path) -> None:
    answer = await store.write(add("wang"))

    with sqlite3.connect(tmp_path / "bank.sqlite") as other:
        rows = other.execute("SELECT name FROM accounts").fetchall()
    other.close()
    assert (answer, rows) == ("wang", [("wang",)])


async def test_a_read_sees_every_write_answered_before(store: SqlStore) -> None:
    for number in range(5):
        await store.write(add(str(number)))

        assert len(await store.read(names)) == number + 1


async def test_operations_that_arrive_together_share_one_commit_in_order(store: SqlStore) -> None:
    told = statements_of(store)

    await asyncio.gather(*(store.write(add(str(number))) for number in range(GROUP_OPERATIONS_MAX)))

    assert told.count("COMMIT") == 1
    assert await store.read(names) == [str(number) for number in range(GROUP_OPERATIONS_MAX)]


async def test_more_than_a_group_takes_the_next_commit(store: SqlStore) -> None:
    told = statements_of(store)

    await asyncio.gather(*(store.write(add(str(number))) for number in range(GROUP_OPERATIONS_MAX + 1)))

    assert told.count("COMMIT") == 2


async def test_an_operation_that_raises_leaves_no_trace_and_the_others_stand(store: SqlStore) -> None:
    def refuse(connection: sa.Connection) -> None:
        add("half")(connection)
        raise RefusedError("limit", code="LIMIT_DAY")

    outcomes = await asyncio.gather(
        store.write(add("before")), store.write(refuse), store.write(add("after")), return_exceptions=True
    )

    assert isinstance(outcomes[1], RefusedError)
    assert await store.read(names) == ["before", "after"]


async def test_a_broken_rule_of_the_table_reaches_its_own_caller_alone(store: SqlStore) -> None:
    outcomes = await asyncio.gather(
        store.write(add("wang")), store.write(add("li", -1)), store.write(add("zhang")), return_exceptions=True
    )

    assert isinstance(outcomes[1], sa.exc.IntegrityError)
    assert await store.read(names) == ["wang", "zhang"]


async def test_an_operation_whose_caller_left_before_its_turn_does_not_run(store: SqlStore) -> None:
    leaving = asyncio.ensure_future(store.write(add("left")))
    staying = asyncio.ensure_future(store.write(add("stayed")))
    await asyncio.sleep(0)
    leaving.cancel()

    await staying

    assert await store.read(names) == ["stayed"]


async def test_an_endless_queue_is_refused(store: SqlStore) -> None:
    writes = [asyncio.ensure_future(store.write(lambda _connection: None)) for _ in range(WAITING_MAX)]
    await asyncio.sleep(0)

    with pytest.raises(BusyError):
        await store.write(add("one too many"))

    await asyncio.gather(*writes)


async def test_a_read_cannot_write(store: SqlStore) -> None:
    with pytest.raises((StorageError, sa.exc.DBAPIError)):
        await store.read(add("sneaked in"))

    assert await store.read(names) == []


async def test_commits_are_flushed_and_references_are_checked(store: SqlStore) -> None:
    def settings(connection: sa.Connection) -> list[object]:
        pragmas = ("synchronous", "journal_mode", "foreign_keys")
        return [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for pragma in pragmas]

    assert await store.write(settings) == [2, "wal", 1]


def committing_threads(store: SqlStore) -> list[str]:
    """The name of the thread of each commit from now on."""
    threads: list[str] = []
    sa.event.listen(
        store.engine,
        "connect",
        lambda connection, _entry: connection.set_trace_callback(
            lambda told: threads.append(threading.current_thread().name) if told == "COMMIT" else None
        ),
    )
    store.engine.dispose()
    return threads


async def test_a_slow_flush_leaves_the_event_loop_to_others(store: SqlStore) -> None:
    store._commit_s = 1.0
    threads = committing_threads(store)

    await store.write(add("wang"))

    assert [name.rpartition("_")[0] for name in threads] == ["store-write"]
    assert await store.read(names) == ["wang"]


async def test_a_flush_that_was_slow_once_is_tried_in_place_again(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters_store, "_COMMITS_BETWEEN_TRIALS", 2)
    monkeypatch.setattr(adapters_store, "COMMIT_IN_PLACE_S_MAX", 0.9)
    store._commit_s = 1.0
    threads = committing_threads(store)

    for name in ("wang", "li", "zhang", "liu"):
        await store.write(add(name))

    assert [name.startswith("store-write") for name in threads] == [True, True, False, False]


async def test_an_operation_that_commits_for_others_is_an_error_of_ours(store: SqlStore) -> None:
    def commit_early(connection: sa.Connection) -> None:
        add("early")(connection)
        connection.commit()

    with pytest.raises(InvariantError, match="ended the transaction"):
        await store.write(commit_early)

    assert await store.write(add("wang")) == "wang"


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/bank.sqlite")
    await store.close()

    with pytest.raises(StorageError, match="closed"):
        await store.write(add("late"))


async def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bank.sqlite"
    store = SqlStore.open(url)
    TABLES.create_all(store.engine)
    writes = asyncio.gather(*(store.write(add(str(number))) for number in range(100)))
    await asyncio.sleep(0)

    await store.close()
    await writes

    again = SqlStore.open(url)
    assert len(await again.read(names)) == 100
    await again.close()


def test_a_migration_that_fails_leaves_no_table_behind(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/bank.sqlite")

    def migrate() -> None:
        with engine.begin() as connection:
            TABLES.create_all(connection)
            raise RefusedError("the second step fails")

    with pytest.raises(RefusedError):
        migrate()

    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


# --- the database fails ---------------------------------------------------------------------------------------------


def limit_room(store: SqlStore) -> dict[str, int]:
    """Give the database as many pages as the answer says, for connections opened from now on."""
    room = {"pages": 1_000_000}
    sa.event.listen(
        store.engine,
        "connect",
        lambda connection, _entry: connection.execute(f"PRAGMA max_page_count={room['pages']}"),
    )
    store.engine.dispose()
    return room


def fill(connection: sa.Connection) -> None:
    add("x" * 100_000)(connection)


async def test_a_full_disk_undoes_the_group_and_work_resumes_when_there_is_room(store: SqlStore) -> None:
    room = limit_room(store)
    room["pages"] = 10
    await store.write(add("before"))

    outcomes = await asyncio.gather(store.write(add("beside")), store.write(fill), return_exceptions=True)
    room["pages"] = 1_000_000
    await store.write(add("after"))

    assert [type(outcome) for outcome in outcomes] == [DiskFullError, DiskFullError]
    assert outcomes[0] is not outcomes[1]
    assert await store.read(names) == ["before", "after"]


async def test_nobody_is_answered_before_the_commit(store: SqlStore) -> None:
    refusing: list[bool] = []

    def allow(action: int, what: str | None, *_more: str | None) -> int:
        refused = refusing and action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT"
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    sa.event.listen(store.engine, "connect", lambda connection, _entry: connection.set_authorizer(allow))
    store.engine.dispose()
    refusing.append(True)

    outcomes = await asyncio.gather(store.write(add("one")), store.write(add("other")), return_exceptions=True)
    refusing.clear()

    assert all(isinstance(outcome, sqlite3.DatabaseError) for outcome in outcomes)
    assert await store.read(names) == []


async def test_a_database_held_by_another_process_is_busy(store: SqlStore, tmp_path: Path) -> None:
    await store.write(add("before"))
    other = sqlite3.connect(tmp_path / "bank.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(BusyError):
        await store.write(add("meanwhile"))

    other.execute("ROLLBACK")
    other.close()
    assert await store.write(add("after")) == "after"


async def test_damage_is_named(tmp_path: Path) -> None:
    (tmp_path / "bank.sqlite").write_bytes(b"not a database" * 1000)
    store = SqlStore.open(f"sqlite:///{tmp_path}/bank.sqlite")

    with pytest.raises(DamageError, match="damaged"):
        await store.write(add("wang"))

    await store.close()


async def test_a_directory_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/missing/bank.sqlite")

    with pytest.raises(StorageError):
        await store.write(add("wang"))

    await store.close()


WRITE_UNTIL_KILLED = """
import asyncio, sys
import sqlalchemy as sa
from tongbao.adapters.store import SqlStore

async def main():
    store = SqlStore.open(sys.argv[1])
    def insert(name):
        return lambda connection: connection.execute(sa.text("INSERT INTO accounts VALUES (:name, 1)"), {"name": name})
    async def client(client):
        for number in range(1_000_000):
            await store.write(insert(f"{client}.{number}"))
            print(f"{client}.{number}", flush=True)
    await asyncio.gather(*(client(number) for number in range(8)))

asyncio.run(main())
"""


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bank.sqlite"
    engine = open_engine(url)
    TABLES.create_all(engine)
    engine.dispose()
    process = subprocess.Popen([sys.executable, "-c", WRITE_UNTIL_KILLED, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    answered = {process.stdout.readline().strip() for _ in range(200)}

    os.kill(process.pid, signal.SIGKILL)
    answered |= {line.strip() for line in process.stdout if line.endswith("\n")}
    process.stdout.close()
    process.wait()

    with engine.connect() as connection:
        assert answered <= set(names(connection))
    engine.dispose()


def modes(directory: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()}


async def test_only_its_owner_may_read_a_database_and_what_lies_beside_it(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path / 'people.sqlite'}")

    await store.write(lambda connection: connection.exec_driver_sql("CREATE TABLE people (name TEXT)"))

    found = modes(tmp_path)
    await store.close()
    assert found == {"people.sqlite": 0o600, "people.sqlite-wal": 0o600, "people.sqlite-shm": 0o600}


async def test_another_process_that_closes_the_database_leaves_the_newest_commits(tmp_path: Path) -> None:
    path = tmp_path / "people.sqlite"
    store = SqlStore.open(f"sqlite:///{path}")
    await store.write(lambda connection: connection.exec_driver_sql("CREATE TABLE people (name TEXT)"))
    await store.read(lambda connection: connection.exec_driver_sql("SELECT name FROM people").all())
    program = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('SELECT * FROM people'); d.close()"

    other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(path))
    assert await other.wait() == 0

    kept = modes(tmp_path)
    await store.close()
    assert "people.sqlite-wal" in kept
