"""The tables of codes."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["code_books", "scans"]

scans = table(
    "scans",
    sa.Column("scan", BYTES, primary_key=True),
    required("payer_home", INT),
    required("payer_handle", TEXT),
    required("expires_ms", INT),
)
"""Scans of shops' codes that led to an order, until they expire: nobody may have shops make orders without end."""

code_books = table(
    "code_books",
    sa.Column("handle", TEXT, primary_key=True),
    required("wallet_id", BYTES),
    required("secret", BYTES),
    required("expires_ms", INT),
    required("wrong", INT),
    sa.Column("claimed_home", INT),
    sa.Column("claimed_request", BYTES),
)
"""Books of payment codes; `wrong` counts codes that were not of now, `claimed` says which request used the book."""
