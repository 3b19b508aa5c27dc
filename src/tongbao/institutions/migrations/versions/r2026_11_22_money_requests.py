"""Money requests."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_money_requests"
down_revision = "2026_11_22_closings"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "sent_requests",
        sa.Column("number", _INT, primary_key=True, autoincrement=True),
        sa.Column("order_id", sa.LargeBinary, nullable=False),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("payer_home", _INT, nullable=False),
        sa.Column("payer_address", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("told", _INT, nullable=False),
        sa.UniqueConstraint("order_id", name="sent_requests_order"),
        sqlite_strict=True,
    )
    op.create_index("sent_requests_by_wallet", "sent_requests", ["wallet_id", "number"])
    op.create_table(
        "received_requests",
        sa.Column("number", _INT, primary_key=True, autoincrement=True),
        sa.Column("home", _INT, nullable=False),
        sa.Column("request_id", sa.LargeBinary, nullable=False),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("requester_wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("requester_name", sa.Text, nullable=False),
        sa.Column("amount_fen", _INT, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("expires_ms", _INT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("told", _INT, nullable=False),
        sa.UniqueConstraint("home", "request_id", name="received_requests_id"),
        sa.CheckConstraint("amount_fen > 0", name="received_requests_amount"),
        sqlite_strict=True,
    )
    op.create_index("received_requests_by_wallet", "received_requests", ["wallet_id", "number"])


def downgrade() -> None:
    # Their orders stay, and can be paid by their links.
    op.drop_table("received_requests")
    op.drop_table("sent_requests")
