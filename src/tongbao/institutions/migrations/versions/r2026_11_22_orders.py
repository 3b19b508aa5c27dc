"""Orders are cancelled and made at tills, and carry tips, which payments and histories show as well."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_orders"
down_revision = "2026_11_22_scans"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _orders_before() -> sa.Table:
    """The table as it was: SQLite makes it anew, since it cannot change a constraint."""
    return sa.Table(
        "orders",
        sa.MetaData(),
        sa.Column("number", _INT, primary_key=True, autoincrement=True),
        sa.Column("order_id", sa.LargeBinary, nullable=False),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("order_number", sa.Text, nullable=False),
        sa.Column("amount_fen", _INT, nullable=False),
        sa.Column("refunded_fen", _INT, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("life_s", _INT, nullable=False),
        sa.Column("lock_id", sa.LargeBinary, nullable=False),
        sa.Column("expires_ms", _INT, nullable=False),
        sa.Column("anchor", sa.LargeBinary, nullable=True),
        sa.Column("anchor_expiry_ms", _INT, nullable=True),
        sa.Column("payer_home", _INT, nullable=True),
        sa.Column("payer_handle", sa.Text, nullable=True),
        sa.Column("paid_ms", _INT, nullable=True),
        sa.Column("paid_transaction_id", sa.LargeBinary, nullable=True),
        sa.UniqueConstraint("order_id", name="orders_order_id"),
        sa.CheckConstraint("amount_fen > 0", name="orders_amount"),
        sa.CheckConstraint("refunded_fen BETWEEN 0 AND amount_fen", name="orders_refunded"),
        sa.Index("orders_by_wallet", "wallet_id", "number"),
    )


def upgrade() -> None:
    form = {"sqlite_strict": True}
    with op.batch_alter_table("orders", copy_from=_orders_before(), table_kwargs=form) as orders:
        orders.add_column(sa.Column("till_id", sa.LargeBinary, nullable=True))
        orders.add_column(_none_so_far("tip_fen_max"))
        orders.add_column(_none_so_far("tip_fen"))
        orders.add_column(sa.Column("cancelled_ms", _INT, nullable=True))
        orders.drop_constraint("orders_refunded", type_="check")
        orders.create_check_constraint("orders_refunded", "refunded_fen BETWEEN 0 AND amount_fen + tip_fen")
        orders.create_check_constraint("orders_tip", "tip_fen BETWEEN 0 AND tip_fen_max")
        orders.create_check_constraint("orders_cancelled", "cancelled_ms IS NULL OR paid_ms IS NULL")
    made_at_till, paid = sa.text("till_id IS NOT NULL"), sa.text("paid_ms IS NOT NULL")
    op.create_index(
        "orders_by_till", "orders", ["till_id", "number"], sqlite_where=made_at_till, postgresql_where=made_at_till
    )
    op.create_index("orders_paid", "orders", ["wallet_id", "paid_ms"], sqlite_where=paid, postgresql_where=paid)
    op.add_column("payments", _none_so_far("tip_fen"))
    op.add_column("history", _none_so_far("tip_fen"))
    op.create_table(
        "tills",
        sa.Column("till_id", sa.LargeBinary, primary_key=True, autoincrement=False),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("number", _INT, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("since_ms", _INT, nullable=False),
        sa.Column("closed_ms", _INT, nullable=True),
        sa.UniqueConstraint("wallet_id", "number", name="tills_number"),
        sa.UniqueConstraint("wallet_id", "name", name="tills_name"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _none_so_far(name: str) -> sa.Column[object]:
    return sa.Column(name, _INT, nullable=False, server_default="0")


def downgrade() -> None:
    raise RuntimeError("tips and tills would be lost: restore a copy of the database instead")
