"""Wallets that are closed, and where their holders went."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_closings"
down_revision = "2026_11_22_aliases"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("wallets", sa.Column("closing_ms", _INT, nullable=True))
    op.add_column("wallets", sa.Column("closed_ms", _INT, nullable=True))
    op.add_column("wallets", sa.Column("moved_to", sa.Text, nullable=True))


def downgrade() -> None:
    for name in ("moved_to", "closed_ms", "closing_ms"):
        op.drop_column("wallets", name)
