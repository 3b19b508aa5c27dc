"""The office's tables, for queries; `migrations` makes and changes them. Times are ledger times in milliseconds."""

import sqlalchemy as sa

__all__ = ["approvals", "metadata", "proposals", "settings"]

metadata = sa.MetaData()

# SQLite numbers rows only in a column that is declared INTEGER, and its strict tables know no other whole number.
_Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""Single values: the genesis of the network that the proposals belong to."""

proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("number", _Whole, primary_key=True, autoincrement=True),
    sa.Column("proposal_id", sa.Text, nullable=False, unique=True),
    # Who asked under which Idempotency-Key, hashed, and for what: a repeat is the same proposal.
    sa.Column("request_id", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("home", _Whole, nullable=False),
    sa.Column("value_fen", _Whole, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("authority", _Whole, nullable=False),
    # What the serial counts within; empty where there is none.
    sa.Column("subject", sa.LargeBinary, nullable=False),
    sa.Column("serial", _Whole, nullable=False),
    sa.Column("transaction_id", sa.LargeBinary, nullable=False, unique=True),
    # Without approvals until there are enough, then with them, and never changed again.
    sa.Column("transaction", sa.LargeBinary, nullable=False),
    sa.Column("expiry_ms", _Whole, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("receipt", sa.LargeBinary),
    sa.Index("proposals_by_state", "state", "number"),
    sa.Index("proposals_by_home", "home", "number"),
    sa.Index("proposals_by_subject", "authority", "subject"),
    sqlite_strict=True,
)
"""Transactions that wait, or waited, for officers."""

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.proposal_id"), primary_key=True),
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""What officers signed; in the order of their keys a transaction carries them."""
