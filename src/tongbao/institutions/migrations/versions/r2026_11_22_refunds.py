"""Merchants and orders say how refunds are made, and refunds are offered."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_refunds"
down_revision = "2026_11_22_recalls"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_AT_ONCE = "returns"


def upgrade() -> None:
    for name in ("merchants", "orders"):
        op.add_column(name, sa.Column("refund_answer_s", _INT, nullable=True))
        op.add_column(name, sa.Column("refund_unanswered", sa.Text, nullable=False, server_default=_AT_ONCE))
    _offered()
    _received()


def _offered() -> None:
    op.create_table(
        "offered_refunds",
        sa.Column("number", _INT, primary_key=True, autoincrement=True),
        sa.Column("refund_id", sa.LargeBinary, nullable=False),
        sa.Column("order_id", sa.LargeBinary, nullable=False),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("refund_number", sa.Text, nullable=False),
        sa.Column("asked_fen", _INT, nullable=True),
        sa.Column("amount_fen", _INT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("answer_by_ms", _INT, nullable=True),
        sa.Column("undelivered", sa.Text, nullable=False),
        sa.Column("told", _INT, nullable=False),
        sa.Column("payment_id", sa.LargeBinary, nullable=True),
        sa.UniqueConstraint("refund_id", name="offered_refunds_id"),
        sa.CheckConstraint("amount_fen > 0", name="offered_refunds_amount"),
        sqlite_strict=True,
    )
    op.create_index("offered_refunds_by_wallet", "offered_refunds", ["wallet_id", "number"])
    op.create_index("offered_refunds_by_order", "offered_refunds", ["order_id"])
    op.create_index("offered_refunds_by_payment", "offered_refunds", ["payment_id"])
    waits = sa.text("state = 'offered'")
    op.create_index(
        "offered_refunds_waiting", "offered_refunds", ["answer_by_ms"], sqlite_where=waits, postgresql_where=waits
    )
    untold = sa.text("told = 0")
    op.create_index(
        "offered_refunds_untold", "offered_refunds", ["number"], sqlite_where=untold, postgresql_where=untold
    )


def _received() -> None:
    op.create_table(
        "received_refunds",
        sa.Column("number", _INT, primary_key=True, autoincrement=True),
        sa.Column("home", _INT, nullable=False),
        sa.Column("refund_id", sa.LargeBinary, nullable=False),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("order_id", sa.LargeBinary, nullable=False),
        sa.Column("order_number", sa.Text, nullable=False),
        sa.Column("refund_number", sa.Text, nullable=False),
        sa.Column("merchant_wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("merchant_name", sa.Text, nullable=False),
        sa.Column("amount_fen", _INT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("unanswered", sa.Text, nullable=False),
        sa.Column("answer_by_ms", _INT, nullable=False),
        sa.UniqueConstraint("home", "refund_id", name="received_refunds_id"),
        sa.CheckConstraint("amount_fen > 0", name="received_refunds_amount"),
        sqlite_strict=True,
    )
    op.create_index("received_refunds_by_wallet", "received_refunds", ["wallet_id", "number"])


def downgrade() -> None:
    raise RuntimeError("what was offered and accepted would be forgotten: restore a copy of the database instead")
