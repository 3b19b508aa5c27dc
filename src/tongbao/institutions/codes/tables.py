"""The tables of codes."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["scans"]

scans = table(
    "scans",
    sa.Column("scan", BYTES, primary_key=True),
    required("payer_home", INT),
    required("payer_handle", TEXT),
    required("expires_ms", INT),
)
"""Scans of shops' codes that led to an order, until they expire: nobody may have shops make orders without end."""
