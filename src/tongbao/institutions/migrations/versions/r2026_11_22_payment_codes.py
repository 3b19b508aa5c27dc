"""Payment codes, and requests for money by them."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_payment_codes"
down_revision = "2026_11_22_paid_coins"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "code_books",
        sa.Column("handle", sa.Text, primary_key=True),
        sa.Column("wallet_id", sa.LargeBinary, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("expires_ms", _INT, nullable=False),
        sa.Column("wrong", _INT, nullable=False),
        sa.Column("claimed_home", _INT, nullable=True),
        sa.Column("claimed_request", sa.LargeBinary, nullable=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("code_books_by_wallet", "code_books", ["wallet_id", "expires_ms"])
    op.add_column("received_requests", sa.Column("payment_code", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    # Books live an hour; requests stay, as if they had come by the address.
    op.drop_column("received_requests", "payment_code")
    op.drop_table("code_books")
