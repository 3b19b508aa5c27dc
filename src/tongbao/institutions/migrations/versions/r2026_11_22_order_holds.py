"""Orders remember that their shop wants them back."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_order_holds"
down_revision = "2026_11_22_refunds"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("orders", sa.Column("wanted_back_ms", _INT, nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "wanted_back_ms")
