"""The tables of refunds that are offered."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["offered_refunds", "received_refunds"]

offered_refunds = table(
    "offered_refunds",
    sa.Column("number", INT, primary_key=True),
    required("refund_id", BYTES),
    required("order_id", BYTES),
    required("wallet_id", BYTES),
    required("refund_number", TEXT),
    sa.Column("asked_fen", INT),
    required("amount_fen", INT),
    required("reason", TEXT),
    required("state", TEXT),
    required("decided_by", TEXT),
    sa.Column("answer_by_ms", INT),
    required("undelivered", TEXT),
    required("told", INT),
    sa.Column("payment_id", BYTES),
)
"""Refunds that this home's merchants offer; on which terms says the order. `told` is whether the payer's home knows the
state, and `payment_id` the payment that was prepared last to carry it out."""

received_refunds = table(
    "received_refunds",
    sa.Column("number", INT, primary_key=True),
    required("home", INT),
    required("refund_id", BYTES),
    required("wallet_id", BYTES),
    required("order_id", BYTES),
    required("order_number", TEXT),
    required("refund_number", TEXT),
    required("merchant_wallet_id", BYTES),
    required("merchant_name", TEXT),
    required("amount_fen", INT),
    required("reason", TEXT),
    required("state", TEXT),
    required("decided_by", TEXT),
    required("unanswered", TEXT),
    required("answer_by_ms", INT),
)
"""Refunds that this home's wallets are offered, as the shop's home has told of them last."""
