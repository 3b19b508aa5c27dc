"""The tables of the registration centre's index, and the statements on them, prepared once.

Few rows, each of many bytes: a row per transaction and coin cost ten times what settling them does (decision 0029).
What the columns of bytes hold is laid out in `batch_rows.py` and `runs.py`.
"""

import sqlalchemy as sa

from tongbao.statements import Statement

__all__ = [
    "DELETE_CHUNKS",
    "DELETE_RUN",
    "INSERT_BATCH",
    "INSERT_CHUNK",
    "INSERT_HOME",
    "INSERT_RUN",
    "SELECT_BATCH",
    "SELECT_BATCHES_AFTER",
    "SELECT_CHUNK",
    "SELECT_SEQUENCES_OF_HOME",
    "SELECT_VERDICTS_FROM",
    "SET_STANDING",
    "VERSION",
    "batches",
    "chunks",
    "drop",
    "homes",
    "make_anew",
    "read_version",
    "runs",
    "standing",
]

VERSION = 2
"""Of the layout below; an index of any other is thrown away and built from the journal."""

_EARLIER = ("heads", "outcomes", "coins")
_METADATA = sa.MetaData()
# SQLite's strict tables know one whole number, of 64 bits; other databases name that size.
_Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Bytes = sa.LargeBinary()

_version = sa.Table("registration_index", _METADATA, sa.Column("version", _Whole, nullable=False), sqlite_strict=True)

standing = sa.Table(
    "standing",
    _METADATA,
    sa.Column("network_id", _Bytes, nullable=False),
    sa.Column("sequence", _Whole, nullable=False),
    sa.Column("time_ms", _Whole, nullable=False),
    sa.Column("chain_head", _Bytes, nullable=False),
    sa.Column("runs_sequence", _Whole, nullable=False),
    sqlite_strict=True,
)
"""One row: the last batch that every other table accounts for, changed in the same transaction as they, and the last
batch that the runs account for; what came since is kept in memory and read from `batches` at a start."""

batches = sa.Table(
    "batches",
    _METADATA,
    sa.Column("sequence", _Whole, primary_key=True, autoincrement=False),
    sa.Column("head", _Bytes, nullable=False),
    sa.Column("verdicts", _Bytes, nullable=False),
    sa.Column("created", _Bytes, nullable=False),
    sqlite_strict=True,
)
"""One row per batch: its signed head, a verdict of each of its transactions, and each coin that it made."""

homes = sa.Table(
    "homes",
    _METADATA,
    sa.Column("home", _Whole, primary_key=True, autoincrement=False),
    sa.Column("sequence", _Whole, primary_key=True, autoincrement=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""One row per home and batch that made coins at it."""

runs = sa.Table(
    "runs",
    _METADATA,
    sa.Column("run", _Whole, primary_key=True, autoincrement=False),
    sa.Column("level", _Whole, nullable=False),
    sa.Column("fences", _Bytes, nullable=False),
    sqlite_strict=True,
)
"""One row per run: how often its entries were merged, and the key with which each of its chunks begins."""

chunks = sa.Table(
    "chunks",
    _METADATA,
    sa.Column("run", _Whole, primary_key=True, autoincrement=False),
    sa.Column("number", _Whole, primary_key=True, autoincrement=False),
    sa.Column("entries", _Bytes, nullable=False),
    sqlite_strict=True,
)
"""Entries of a run, in ascending order. Chunks whose run is not among `runs` belong to a merge that did not end."""

INSERT_BATCH = Statement(sa.insert(batches))
INSERT_HOME = Statement(sa.insert(homes))
INSERT_RUN = Statement(sa.insert(runs))
INSERT_CHUNK = Statement(sa.insert(chunks))
DELETE_RUN = Statement(sa.delete(runs).where(runs.c.run == sa.bindparam("old_run")))
DELETE_CHUNKS = Statement(
    sa.delete(chunks).where(
        chunks.c.run == sa.bindparam("old_run"),
        chunks.c.number >= sa.bindparam("from_number"),
        chunks.c.number < sa.bindparam("until_number"),
    )
)
SET_STANDING = Statement(
    sa.update(standing).values(
        {name: sa.bindparam(f"new_{name}") for name in ("sequence", "time_ms", "chain_head", "runs_sequence")}
    )
)

SELECT_BATCH = Statement(
    sa.select(batches.c.head, batches.c.verdicts, batches.c.created).where(
        batches.c.sequence == sa.bindparam("sequence")
    )
)
SELECT_BATCHES_AFTER = (
    sa.select(batches.c.sequence, batches.c.verdicts, batches.c.created)
    .where(batches.c.sequence > sa.bindparam("after"))
    .order_by(batches.c.sequence)
)
SELECT_VERDICTS_FROM = Statement(
    sa.select(batches.c.sequence, batches.c.verdicts)
    .where(batches.c.sequence >= sa.bindparam("from_sequence"))
    .order_by(batches.c.sequence)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
SELECT_CHUNK = Statement(
    sa.select(chunks.c.entries).where(chunks.c.run == sa.bindparam("run"), chunks.c.number == sa.bindparam("number"))
)
SELECT_SEQUENCES_OF_HOME = Statement(
    sa.select(homes.c.sequence)
    .where(homes.c.home == sa.bindparam("home"), homes.c.sequence >= sa.bindparam("from_sequence"))
    .order_by(homes.c.sequence)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)


def read_version(connection: sa.Connection) -> int:
    """The version of the layout in the database; 0 where there is none."""
    if not sa.inspect(connection).has_table(_version.name):
        return 0
    return connection.execute(sa.select(_version.c.version)).scalar() or 0


def drop(connection: sa.Connection) -> None:
    """Remove the tables, those of earlier layouts too."""
    for name in _EARLIER:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    _METADATA.drop_all(connection)


def make_anew(connection: sa.Connection) -> None:
    """Put empty tables of this layout in the place of whatever is there."""
    drop(connection)
    _METADATA.create_all(connection)
    connection.execute(sa.insert(_version), {"version": VERSION})
