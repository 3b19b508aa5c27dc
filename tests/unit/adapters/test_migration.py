"""Migrations run once each, all or none, from wherever the package lies."""

import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa

from tongbao.adapters.migration import pending, revision_of, upgrade
from tongbao.adapters.sql_group import open_engine

ENVIRONMENT = """
from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
"""


def _revision(number: int, statement: str) -> str:
    before = repr(str(number - 1)) if number > 1 else None
    return f"""
from alembic import op

revision, down_revision, branch_labels, depends_on = "{number}", {before}, None, None


def upgrade():
    op.execute({statement!r})
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/new.sqlite")
    yield engine
    engine.dispose()


def _migrations(folder: Path, monkeypatch: pytest.MonkeyPatch, *statements: str) -> ModuleType:
    """A package with one revision for each statement, in a folder whose name Alembic's settings could misread."""
    package = folder / "50% of %(here)s" / f"migrations_{len(statements)}"
    (package / "versions").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "env.py").write_text(ENVIRONMENT)
    for number, statement in enumerate(statements, 1):
        (package / "versions" / f"r{number}.py").write_text(_revision(number, statement))
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.delitem(sys.modules, package.name, raising=False)
    invalidate_caches()
    return import_module(package.name)


def _tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def test_only_migrations_that_the_database_has_not_seen_are_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: sa.Engine
) -> None:
    first, second = "CREATE TABLE first (number INTEGER)", "CREATE TABLE second (number INTEGER)"
    upgrade(engine, _migrations(tmp_path, monkeypatch, first))
    before = _tables(engine)

    upgrade(engine, _migrations(tmp_path, monkeypatch, first, second))

    assert (before, _tables(engine)) == ({"alembic_version", "first"}, {"alembic_version", "first", "second"})


def test_a_migration_that_fails_leaves_nothing_of_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: sa.Engine
) -> None:
    failing = _migrations(tmp_path, monkeypatch, "CREATE TABLE first (number INTEGER)", "CREATE nonsense")

    with pytest.raises(sa.exc.OperationalError):
        upgrade(engine, failing)

    assert "first" not in _tables(engine)


def test_what_is_pending_is_what_an_upgrade_does(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(engine, _migrations(tmp_path, monkeypatch, "CREATE TABLE a (x)"))
    later = _migrations(tmp_path, monkeypatch, "CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE c (x)")

    told = pending(engine, later)
    tables = _tables(engine)
    upgrade(engine, later)

    assert [line.split()[0] for line in told] == ["2", "3"]
    assert "b" not in tables, "telling changes nothing"
    assert pending(engine, later) == []
    with engine.connect() as connection:
        assert revision_of(connection) == "3"
