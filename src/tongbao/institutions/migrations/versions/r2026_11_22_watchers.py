"""Keys that see a wallet and move none of its money."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_watchers"
down_revision = "2026_11_22_payment_codes"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "watchers",
        sa.Column("public_key", sa.LargeBinary, primary_key=True, autoincrement=False),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("number", _INT, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since_ms", _INT, nullable=False),
        sa.Column("ended_ms", _INT, nullable=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("watchers_by_wallet", "watchers", ["wallet_id", "number"], unique=True)


def downgrade() -> None:
    op.drop_table("watchers")
