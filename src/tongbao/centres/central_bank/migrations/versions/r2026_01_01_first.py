"""The first form of the database."""

import sqlalchemy as sa
from alembic import op

revision = "2026_01_01_first"
down_revision = None
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "proposals",
        sa.Column("number", _WHOLE, primary_key=True, autoincrement=True),
        sa.Column("proposal_id", sa.Text, nullable=False, unique=True),
        sa.Column("request_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("home", _WHOLE, nullable=False),
        sa.Column("value_fen", _WHOLE, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("authority", _WHOLE, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("serial", _WHOLE, nullable=False),
        sa.Column("transaction_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("transaction", sa.LargeBinary, nullable=False),
        sa.Column("expiry_ms", _WHOLE, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("receipt", sa.LargeBinary),
        sqlite_strict=True,
    )
    op.create_index("proposals_by_state", "proposals", ["state", "number"])
    op.create_index("proposals_by_home", "proposals", ["home", "number"])
    op.create_index("proposals_by_subject", "proposals", ["authority", "subject"])
    op.create_table(
        "approvals",
        sa.Column("proposal_id", sa.Text, sa.ForeignKey("proposals.proposal_id"), primary_key=True),
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("approvals")
    op.drop_table("proposals")
    op.drop_table("settings")
