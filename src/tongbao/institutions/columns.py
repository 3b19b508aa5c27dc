"""What every table of an institution is made of, whichever folder declares it."""

from typing import Any

import sqlalchemy as sa

__all__ = ["BYTES", "INT", "TEXT", "metadata", "required", "table"]

metadata = sa.MetaData()

# SQLite numbers rows only in a column that is declared INTEGER, and its strict tables know no other whole number.
INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")
BYTES = sa.LargeBinary
TEXT = sa.Text


def table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """Declare a table for queries; `migrations` makes it."""
    return sa.Table(name, metadata, *columns, sqlite_strict=True)


def required(name: str, kind: "type[sa.LargeBinary | sa.Text] | sa.types.TypeEngine[int]") -> sa.Column[Any]:
    """A column that always holds something."""
    return sa.Column(name, kind, nullable=False)
