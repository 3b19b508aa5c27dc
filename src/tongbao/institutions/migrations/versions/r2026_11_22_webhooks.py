"""Merchants' servers that are told of events."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_webhooks"
down_revision = "2026_11_22_money_requests"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _number() -> sa.Column[object]:
    return sa.Column("number", _INT, primary_key=True, autoincrement=True)


def _int(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INT, nullable=null)


def _bytes(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        _number(),
        _bytes("endpoint_id"),
        _bytes("wallet_id"),
        _text("url"),
        _text("kinds"),
        _text("state"),
        _text("reason"),
        _int("generation"),
        _int("old_secret_until_ms", null=True),
        _int("failing_since_ms", null=True),
        _int("told"),
        sa.UniqueConstraint("endpoint_id", name="webhook_endpoints_endpoint_id"),
        sqlite_strict=True,
    )
    op.create_index("webhook_endpoints_by_wallet", "webhook_endpoints", ["wallet_id", "number"])
    _make_deliveries()
    op.create_table(
        "webhook_attempts",
        _number(),
        _int("delivery"),
        _int("at_ms"),
        _int("took_ms"),
        _int("status", null=True),
        _text("problem"),
        sqlite_strict=True,
    )
    op.create_index("webhook_attempts_by_delivery", "webhook_attempts", ["delivery", "number"])


def _make_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        _number(),
        _bytes("endpoint_id"),
        _int("event_number"),
        _text("kind"),
        _text("subject"),
        _text("state"),
        _int("attempts"),
        _int("next_ms"),
        _int("unreached"),
        sa.UniqueConstraint("endpoint_id", "event_number", name="webhook_deliveries_event"),
        sqlite_strict=True,
    )
    op.create_index("webhook_deliveries_by_endpoint", "webhook_deliveries", ["endpoint_id", "number"])
    waiting = sa.text("state = 'waiting'")
    columns = ["endpoint_id", "subject", "number"]
    op.create_index(
        "webhook_deliveries_waiting", "webhook_deliveries", columns, sqlite_where=waiting, postgresql_where=waiting
    )


def downgrade() -> None:
    raise RuntimeError("messages that wait would be lost: restore a copy of the database instead")
