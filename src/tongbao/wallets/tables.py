"""The tables of a wallet's database, which many wallets may share; every row names its wallet."""

from typing import Final

import sqlalchemy as sa

__all__ = [
    "COINS",
    "EXCHANGES",
    "FORMAT",
    "FORMATS",
    "LOCKS",
    "PAYMENTS",
    "PLANS",
    "PLAN_ENDS",
    "SPENT",
    "TABLES",
    "WALLETS",
]

FORMAT: Final = 1
"""The version of these tables. A program that meets another refuses, rather than read money wrongly."""

TABLES: Final = sa.MetaData()


def _table(name: str, *columns: sa.Column[object] | sa.Index) -> sa.Table:
    wallet_id = sa.Column("wallet_id", sa.LargeBinary(16), primary_key=True)
    return sa.Table(name, TABLES, wallet_id, *columns, sqlite_with_rowid=False)


FORMATS: Final = sa.Table("wallet_format", TABLES, sa.Column("version", sa.Integer, primary_key=True))

WALLETS: Final = _table(
    "wallets",
    sa.Column("home", sa.BigInteger, nullable=False),
    sa.Column("next_lock_index", sa.Integer, nullable=False),
    sa.Column("coins_cursor", sa.Text, nullable=False),
)
COINS: Final = _table(
    "wallet_coins",
    sa.Column("coin_id", sa.LargeBinary(32), primary_key=True),
    sa.Column("opening", sa.LargeBinary(82), nullable=False),
    sa.Column("lock_index", sa.Integer),
    sa.Column("salt", sa.LargeBinary(32)),
)
# What was spent stays known by its id, so that an old answer that names the coin does not bring it back.
SPENT: Final = _table("wallet_spent_coins", sa.Column("coin_id", sa.LargeBinary(32), primary_key=True))
LOCKS: Final = _table(
    "wallet_locks",
    sa.Column("lock_id", sa.LargeBinary(32), primary_key=True),
    sa.Column("lock_index", sa.Integer, nullable=False),
)
PAYMENTS: Final = _table(
    "wallet_payments",
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("payment_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("signed_bytes", sa.LargeBinary, nullable=False),
    sa.Column("change_index", sa.Integer),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("receipt", sa.LargeBinary),
    sa.Column("time_ms", sa.BigInteger, nullable=False),
)
EXCHANGES: Final = _table(
    "wallet_exchanges",
    sa.Column("idempotency_key", sa.Text, primary_key=True),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("payment_fen", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("transaction_id", sa.LargeBinary(32)),
    sa.Column("receipt", sa.LargeBinary),
)
PLANS: Final = _table(
    "wallet_plans",
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("payee", sa.Text, nullable=False),
    sa.Column("amount_fen", sa.BigInteger, nullable=False),
    sa.Column("first", sa.Text, nullable=False),
    sa.Column("every", sa.Text, nullable=False),
    sa.Column("times", sa.Integer),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("grace_days", sa.Integer, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("cancelled", sa.Integer, nullable=False),
)
# Payments of plans that have ended and been told; what is not here is still to be looked at.
PLAN_ENDS: Final = _table(
    "wallet_plan_ends",
    sa.Column("plan_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("transaction_id", sa.LargeBinary(32)),
)
sa.Index("wallet_payments_by_name", PAYMENTS.c.wallet_id, PAYMENTS.c.name)
# Few at any time, so that opening a wallet does not read its whole past.
sa.Index(
    "wallet_payments_signed",
    PAYMENTS.c.wallet_id,
    sqlite_where=PAYMENTS.c.state == "signed",
    postgresql_where=PAYMENTS.c.state == "signed",
)
