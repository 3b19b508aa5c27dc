"""The tables of the registration centre's index, and the statements on them, prepared once.

A *place* is one number for a batch and a position in it: sequence * 2**20 + position. In `outcomes` the position is the
transaction's in its batch, in `coins` the coin's among those that the batch made.
"""

import sqlalchemy as sa

from tongbao.statements import Statement

__all__ = [
    "INSERT_COIN",
    "INSERT_HEAD",
    "INSERT_OUTCOME",
    "MARK_SPENT",
    "SELECT_COINS_OF_HOME",
    "SELECT_COINS_UNDER",
    "SELECT_HEAD",
    "SELECT_OUTCOMES",
    "SET_STANDING",
    "VERSION",
    "coins",
    "drop",
    "heads",
    "make_anew",
    "outcomes",
    "read_version",
    "standing",
]

VERSION = 1
"""Of the layout below; an index of any other is thrown away and built from the journal."""

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
    sqlite_strict=True,
)
"""One row: the last batch that every other table accounts for, changed in the same transaction as they."""

heads = sa.Table(
    "heads",
    _METADATA,
    sa.Column("sequence", _Whole, primary_key=True, autoincrement=False),
    sa.Column("head", _Bytes, nullable=False),
    sa.Column("verdicts", _Bytes, nullable=False),
    sqlite_strict=True,
)
"""One row per batch: its signed head, and id and status of each of its transactions."""

outcomes = sa.Table(
    "outcomes",
    _METADATA,
    sa.Column("transaction_id", _Bytes, primary_key=True),
    sa.Column("place", _Whole, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""One row per settled transaction."""

coins = sa.Table(
    "coins",
    _METADATA,
    sa.Column("place", _Whole, primary_key=True, autoincrement=False),
    sa.Column("coin_id", _Bytes, nullable=False),
    sa.Column("origin", _Bytes, nullable=False),
    sa.Column("output", _Whole, nullable=False),
    sa.Column("asset", _Whole, nullable=False),
    sa.Column("value", _Whole, nullable=False),
    sa.Column("home", _Whole, nullable=False),
    sa.Column("lock_id", _Bytes, nullable=False),
    sa.Column("spent", _Whole, nullable=False),
    sa.Index("coins_by_id", "coin_id", unique=True),
    sa.Index("coins_by_home", "home", "place"),
    sa.Index("coins_by_lock", "lock_id", "place"),
    sqlite_strict=True,
)
"""One row per coin that was ever made."""

INSERT_HEAD = Statement(sa.insert(heads))
INSERT_OUTCOME = Statement(sa.insert(outcomes))
INSERT_COIN = Statement(sa.insert(coins))
MARK_SPENT = Statement(sa.update(coins).where(coins.c.coin_id == sa.bindparam("spent_id")).values(spent=1))
SET_STANDING = Statement(
    sa.update(standing).values({name: sa.bindparam(f"new_{name}") for name in ("sequence", "time_ms", "chain_head")})
)

SELECT_OUTCOMES = sa.select(outcomes.c.transaction_id, outcomes.c.place).where(
    outcomes.c.transaction_id.in_(sa.bindparam("ids", expanding=True))
)
SELECT_HEAD = Statement(sa.select(heads.c.head, heads.c.verdicts).where(heads.c.sequence == sa.bindparam("sequence")))

_SELECT_COINS = (
    sa.select(*coins.c)
    .where(coins.c.place > sa.bindparam("after"))
    .order_by(coins.c.place)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
SELECT_COINS_OF_HOME = Statement(_SELECT_COINS.where(coins.c.home == sa.bindparam("home")))
SELECT_COINS_UNDER = _SELECT_COINS.where(
    coins.c.lock_id.in_(sa.bindparam("locks", expanding=True)),
    coins.c.home.in_(sa.bindparam("homes", expanding=True)),
)


def read_version(connection: sa.Connection) -> int:
    """The version of the layout in the database; 0 where there is none."""
    if not sa.inspect(connection).has_table(_version.name):
        return 0
    return connection.execute(sa.select(_version.c.version)).scalar() or 0


def drop(connection: sa.Connection) -> None:
    """Remove the tables."""
    _METADATA.drop_all(connection)


def make_anew(connection: sa.Connection) -> None:
    """Put empty tables of this layout in the place of whatever is there."""
    drop(connection)
    _METADATA.create_all(connection)
    connection.execute(sa.insert(_version), {"version": VERSION})
