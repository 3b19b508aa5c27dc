"""A settled issuance keeps its receipt."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_issuance_receipts"
down_revision = "2026_01_01_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bank_operations", sa.Column("receipt", sa.LargeBinary, nullable=True))


def downgrade() -> None:
    raise RuntimeError("receipts would be lost: restore a copy of the database instead")
