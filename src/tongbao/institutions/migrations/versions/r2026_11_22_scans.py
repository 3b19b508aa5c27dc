"""Scans of shops' codes."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_scans"
down_revision = "2026_11_22_deposit_statements"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "scans",
        sa.Column("scan", sa.LargeBinary, primary_key=True, autoincrement=False),
        sa.Column("payer_home", _INT, nullable=False),
        sa.Column("payer_handle", sa.Text, nullable=False),
        sa.Column("expires_ms", _INT, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("scans_by_payer", "scans", ["payer_home", "payer_handle", "expires_ms"])


def downgrade() -> None:
    # It holds a few minutes; whoever scans then may scan a little more often.
    op.drop_table("scans")
