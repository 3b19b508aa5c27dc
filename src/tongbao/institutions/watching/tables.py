"""The table of watchers."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["watchers"]

watchers = table(
    "watchers",
    sa.Column("public_key", BYTES, primary_key=True),
    required("wallet_id", BYTES),
    required("number", INT),
    required("name", TEXT),
    required("since_ms", INT),
    sa.Column("ended_ms", INT),
)
"""Keys that see a wallet; `number` counts those of one wallet."""
