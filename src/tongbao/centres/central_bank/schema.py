"""Bring the office's database to the form that this software works with."""

from importlib.resources import as_file, files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

__all__ = ["upgrade"]


def upgrade(engine: sa.Engine) -> None:
    """Run the migrations that the database has not seen, all in one transaction; none is lost if one fails."""
    folder_here = files("tongbao.centres.central_bank").joinpath("migrations")
    with as_file(folder_here) as folder, engine.begin() as connection:
        configuration = Config()
        configuration.set_main_option("script_location", str(folder).replace("%", "%%"))
        configuration.set_main_option("path_separator", "os")
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")
