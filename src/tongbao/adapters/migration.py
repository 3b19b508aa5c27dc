"""Bring an actor's database to the form that this software works with, by the migrations that the actor brings."""

from importlib.resources import as_file, files
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

__all__ = ["NEWEST", "pending", "revision_of", "upgrade"]

NEWEST = "head"


def upgrade(engine: sa.Engine, migrations: ModuleType, revision: str = NEWEST) -> None:
    """Run the migrations that the database has not seen, all in one transaction; none is lost if one fails.

    `migrations` is a package as Alembic lays one out: `env` and `versions`.
    """
    with as_file(files(migrations)) as folder, engine.begin() as connection:
        configuration = _configuration(folder)
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)


def _configuration(folder: Path) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(folder).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def pending(engine: sa.Engine, migrations: ModuleType) -> list[str]:
    """What `upgrade` would do to the database, one line for each migration, in order."""
    with as_file(files(migrations)) as folder, engine.connect() as connection:
        scripts = ScriptDirectory.from_config(_configuration(folder))
        seen = revision_of(connection) or "base"
        revisions = list(scripts.iterate_revisions(NEWEST, seen))
        return [f"{each.revision} ({each.doc})" for each in reversed(revisions)]


def revision_of(connection: sa.Connection) -> str:
    """The last migration that the database has seen; "" where it has seen none."""
    return MigrationContext.configure(connection).get_current_revision() or ""
