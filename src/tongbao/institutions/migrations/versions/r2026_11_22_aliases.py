"""Telephone numbers by which wallets are found, and how much is looked up."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_aliases"
down_revision = "2026_11_22_orders"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _key(name: str, kind: "type[sa.LargeBinary | sa.Text] | sa.types.TypeEngine[int]") -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _required(name: str, kind: "type[sa.LargeBinary | sa.Text] | sa.types.TypeEngine[int]") -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name, *columns, sqlite_strict=True, sqlite_with_rowid=False)


def upgrade() -> None:
    _table(
        "aliases",
        _key("alias_key", sa.LargeBinary),
        _required("wallet_id", sa.LargeBinary),
        _required("masked", sa.Text),
        _required("since_ms", _INT),
    )
    op.create_index("aliases_by_wallet", "aliases", ["wallet_id"])
    _table(
        "alias_claims",
        _key("wallet_id", sa.LargeBinary),
        _key("alias_key", sa.LargeBinary),
        _required("masked", sa.Text),
        _required("code_hash", sa.LargeBinary),
        _required("attempts", _INT),
        _required("expires_ms", _INT),
    )
    _table(
        "lookups",
        _key("kind", sa.Text),
        _key("asker", sa.LargeBinary),
        _key("day", _INT),
        _required("points", _INT),
    )


def downgrade() -> None:
    for name in ("lookups", "alias_claims", "aliases"):
        op.drop_table(name)
