"""Tables of merchants' tills and checkouts."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["checkouts", "tills"]

tills = table(
    "tills",
    sa.Column("till_id", BYTES, primary_key=True),
    required("wallet_id", BYTES),
    required("number", INT),
    required("name", TEXT),
    required("public_key", BYTES),
    required("since_ms", INT),
    sa.Column("closed_ms", INT),
)
"""One that was closed stays, so that its orders keep their name."""

checkouts = table(
    "checkouts",
    sa.Column("order_id", BYTES, primary_key=True),
    required("wallet_id", BYTES),
    required("success_url", TEXT),
    required("cancel_url", TEXT),
)
"""Where the payer of an order is sent back to."""
