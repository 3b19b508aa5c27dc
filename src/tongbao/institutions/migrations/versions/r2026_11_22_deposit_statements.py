"""The postings of one deposit account, for its statements."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_deposit_statements"
down_revision = "2026_11_22_events"
branch_labels = None
depends_on = None

# Accounts of the institution itself are summed up whole, and most postings touch one of them.
_DEPOSITS = sa.text("account_id >= 1000")


def upgrade() -> None:
    op.create_index(
        "postings_of_deposits",
        "postings",
        ["account_id", "entry_id"],
        sqlite_where=_DEPOSITS,
        postgresql_where=_DEPOSITS,
    )


def downgrade() -> None:
    op.drop_index("postings_of_deposits", "postings")
