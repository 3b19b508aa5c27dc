"""The tables of money requests."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["received_requests", "sent_requests"]

sent_requests = table(
    "sent_requests",
    sa.Column("number", INT, primary_key=True),
    required("order_id", BYTES),
    required("wallet_id", BYTES),
    required("payer_home", INT),
    required("payer_address", TEXT),
    required("state", TEXT),
    required("reason", TEXT),
    required("told", INT),
    sa.Column("recall_of", BYTES),
)
"""Requests of this home's wallets; amount, expiry and whether it is paid says the order. `told` is whether the payer's
home knows the state."""

received_requests = table(
    "received_requests",
    sa.Column("number", INT, primary_key=True),
    required("home", INT),
    required("request_id", BYTES),
    required("wallet_id", BYTES),
    required("requester_wallet_id", BYTES),
    required("requester_name", TEXT),
    required("amount_fen", INT),
    required("description", TEXT),
    required("expires_ms", INT),
    required("state", TEXT),
    required("reason", TEXT),
    required("told", INT),
    required("payment_code", TEXT),
    sa.Column("recall_of", BYTES),
)
"""Requests to this home's wallets; `told` is whether the requester's home knows the state."""
