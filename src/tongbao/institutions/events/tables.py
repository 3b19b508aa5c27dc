"""The tables of the event log."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["event_horizons", "events"]

events = table(
    "events",
    sa.Column("number", INT, primary_key=True),
    required("wallet_id", BYTES),
    required("kind", TEXT),
    required("subject", TEXT),
    required("content", TEXT),
    required("time_ms", INT),
)
"""What happened, in the order in which it was written; `content` is JSON, and `subject` what it happened to."""

event_horizons = table(
    "event_horizons",
    sa.Column("wallet_id", BYTES, primary_key=True),
    required("gone_to", INT),
)
"""The newest event of each wallet that is no longer kept."""
