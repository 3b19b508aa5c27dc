"""The tables of webhooks. Times are by the wall clock: a receiver's patience does not follow ledger time."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["webhook_attempts", "webhook_deliveries", "webhook_endpoints"]

webhook_endpoints = table(
    "webhook_endpoints",
    sa.Column("number", INT, primary_key=True),
    required("endpoint_id", BYTES),
    required("wallet_id", BYTES),
    required("url", TEXT),
    required("kinds", TEXT),
    required("state", TEXT),
    required("reason", TEXT),
    required("generation", INT),
    sa.Column("old_secret_until_ms", INT),
    sa.Column("failing_since_ms", INT),
    required("told", INT),
)
"""Servers; `kinds` are set apart by spaces, and none are all. `told` is the last event that became a delivery.

Secrets are not kept: they follow from the institution's own, the endpoint and the `generation`.
"""

webhook_deliveries = table(
    "webhook_deliveries",
    sa.Column("number", INT, primary_key=True),
    required("endpoint_id", BYTES),
    required("event_number", INT),
    required("kind", TEXT),
    required("subject", TEXT),
    required("state", TEXT),
    required("attempts", INT),
    required("next_ms", INT),
    required("unreached", INT),
)
"""One event for one server; `unreached` where the last attempt had no answer at all."""

webhook_attempts = table(
    "webhook_attempts",
    sa.Column("number", INT, primary_key=True),
    required("delivery", INT),
    required("at_ms", INT),
    required("took_ms", INT),
    sa.Column("status", INT),
    required("problem", TEXT),
)
