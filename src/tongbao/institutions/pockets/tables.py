"""The tables of pockets."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["pockets", "received_pockets"]

pockets = table(
    "pockets",
    sa.Column("number", INT, primary_key=True),
    required("pocket_id", BYTES),
    required("wallet_id", BYTES),
    required("other_home", INT),
    required("other_wallet_id", BYTES),
    required("amount_fen", INT),
    required("sealed", BYTES),
    required("sealed_for_other", BYTES),
    required("since_ms", INT),
    sa.Column("filled_ms", INT),
    required("told", INT),
    sa.Column("taken_ms", INT),
    required("taken_by", TEXT),
    sa.Column("transaction_id", BYTES),
)
"""Pockets that wallets of this home have made. `told` is whether the other wallet's home has been told, and
`transaction_id` is what took the money out."""

received_pockets = table(
    "received_pockets",
    sa.Column("number", INT, primary_key=True),
    required("home", INT),
    required("pocket_id", BYTES),
    required("wallet_id", BYTES),
    required("maker_address", TEXT),
    required("amount_fen", INT),
    required("sealed", BYTES),
    required("since_ms", INT),
    sa.Column("taken_ms", INT),
    required("taken_by", TEXT),
    sa.Column("transaction_id", BYTES),
)
"""Pockets that others, here or at other homes, have made for wallets of this home; how they ended as last heard."""
