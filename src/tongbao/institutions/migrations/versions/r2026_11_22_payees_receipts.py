"""Receipts of transactions that other homes submitted."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_payees_receipts"
down_revision = "2026_11_22_issuance_receipts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A receipt of a full batch is a kilobyte: too large to stand in the order of its key.
    op.create_table(
        "receipts",
        sa.Column("transaction_id", sa.LargeBinary, primary_key=True, autoincrement=False),
        sa.Column("receipt", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    # The registration centre gives them again.
    op.drop_table("receipts")
