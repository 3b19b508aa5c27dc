"""A paid order names the coin that paid it, a merchant's refunds are found quickly, and checkouts have addresses."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_paid_coins"
down_revision = "2026_11_22_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("paid_coin_id", sa.LargeBinary, nullable=True))
    # Coins are not found by their locks otherwise: for this once an index is made, and taken away again.
    op.create_index("coins_by_lock", "coins", ["lock_id"])
    op.execute(
        "UPDATE orders SET paid_coin_id = (SELECT coins.coin_id FROM coins WHERE coins.lock_id = orders.lock_id "
        "AND coins.origin = orders.paid_transaction_id) WHERE paid_ms IS NOT NULL"
    )
    op.drop_index("coins_by_lock", "coins")
    refund = sa.text("kind = 'refund'")
    op.create_index(
        "payments_refunds_by_wallet", "payments", ["wallet_id"], sqlite_where=refund, postgresql_where=refund
    )
    op.create_table(
        "checkouts",
        sa.Column("order_id", sa.LargeBinary, primary_key=True, autoincrement=False),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("success_url", sa.Text, nullable=False),
        sa.Column("cancel_url", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise RuntimeError("the addresses of checkouts would be lost: restore a copy of the database instead")
