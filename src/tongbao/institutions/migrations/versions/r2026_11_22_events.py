"""The log of events."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_events"
down_revision = "2026_11_22_payees_receipts"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("number", _INT, primary_key=True, autoincrement=True),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("time_ms", _INT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("events_by_wallet", "events", ["wallet_id", "number"])


def downgrade() -> None:
    raise RuntimeError("events that nobody was told of yet would be lost: restore a copy of the database instead")
