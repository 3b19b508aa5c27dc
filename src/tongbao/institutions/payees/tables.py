"""Tables of aliases, and of how much was looked up."""

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

__all__ = ["alias_claims", "aliases", "lookups"]

aliases = table(
    "aliases",
    sa.Column("alias_key", BYTES, primary_key=True),
    required("wallet_id", BYTES),
    required("masked", TEXT),
    required("since_ms", INT),
)
"""By which telephone numbers wallets are found; `alias_key` is a hash under the institution's secret."""

alias_claims = table(
    "alias_claims",
    sa.Column("wallet_id", BYTES, primary_key=True),
    sa.Column("alias_key", BYTES, primary_key=True),
    required("masked", TEXT),
    required("code_hash", BYTES),
    required("attempts", INT),
    required("expires_ms", INT),
)
"""Numbers that wait for the code that went there."""

lookups = table(
    "lookups",
    sa.Column("kind", TEXT, primary_key=True),
    sa.Column("asker", BYTES, primary_key=True),
    sa.Column("day", INT, primary_key=True),
    required("points", INT),
)
"""What each asker has used of a day's lookups or codes; the day is the policy's, as 20210611."""
