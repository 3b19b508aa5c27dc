"""Whatever an operation writes into an institution's database, the redo log writes it again."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.api.asking import asking, operations_by_role
from tests.api.record_examples import example_from
from tests.api.things import Things
from tongbao.adapters.database_copy import copy_database
from tongbao.adapters.redo import rebuild
from tongbao.adapters.redo_capture import commit_in
from tongbao.adapters.sql_group import sqlite_url
from tongbao.institutions import migrations

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

ROLE = "Operating institution"
OPERATIONS = operations_by_role()[ROLE]
ATTEMPTS_MAX = 20
"""The institution goes on writing now and then; some pair of copies is of one moment."""


def content_of(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(database)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608 - names of tables
            for name in names
            if not name.startswith("sqlite_")
        }


def rebuilt_and_original(folder: Path, to: Path) -> tuple[Path, Path]:
    """A copy of an institution's database, and what its log makes of nothing up to the same commit."""
    for attempt in range(ATTEMPTS_MAX):
        place = to / str(attempt)
        place.mkdir()
        copy_database(folder / "institution.sqlite", place / "original.sqlite")
        shutil.copytree(folder / "redo", place / "redo")
        done = rebuild(sqlite_url(str(place / "rebuilt.sqlite")), migrations, place / "redo")
        if done.to_number == commit_in(place / "original.sqlite"):
            return place / "rebuilt.sqlite", place / "original.sqlite"
    raise AssertionError("the institution never rests")


async def test_after_every_operation_a_rebuilt_database_is_the_original_row_by_row(
    things: Things, tmp_path: Path
) -> None:
    for operation in OPERATIONS:
        await asyncio.to_thread(example_from, asking(ROLE, operation, things))

    rows = 0
    for home in (1, 2):
        rebuilt, original = await asyncio.to_thread(
            rebuilt_and_original, things.data.root / f"institution-{home}", _made(tmp_path / f"{home}")
        )
        wanted, found = content_of(original), content_of(rebuilt)
        assert [name for name in wanted if wanted[name] != found.get(name)] == []
        assert found.keys() == wanted.keys()
        rows += sum(map(len, wanted.values()))
    assert rows > len(OPERATIONS)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
