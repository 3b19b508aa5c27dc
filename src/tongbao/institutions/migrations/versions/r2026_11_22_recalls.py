"""Money requests that ask a payment back."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_recalls"
down_revision = "2026_11_22_order_expiry"
branch_labels = None
depends_on = None

_TABLES = ("sent_requests", "received_requests")


def upgrade() -> None:
    for name in _TABLES:
        op.add_column(name, sa.Column("recall_of", sa.LargeBinary, nullable=True))


def downgrade() -> None:
    for name in _TABLES:
        op.drop_column(name, "recall_of")
