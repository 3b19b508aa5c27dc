"""The tables of the event log."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["events"]

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
