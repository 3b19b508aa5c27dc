"""Old events and deliveries are let go of, and it is known how far."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_retention"
down_revision = "2026_11_22_order_holds"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "event_horizons",
        sa.Column("wallet_id", sa.LargeBinary, primary_key=True, autoincrement=False),
        sa.Column("gone_to", _INT, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("webhook_deliveries_by_event", "webhook_deliveries", ["event_number"])


def downgrade() -> None:
    raise RuntimeError("it would no longer be known which events are gone: restore a copy of the database instead")
