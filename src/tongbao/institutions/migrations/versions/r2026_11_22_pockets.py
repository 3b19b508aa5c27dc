"""Money that two wallets can open."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_pockets"
down_revision = "2026_11_22_retention"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _number() -> sa.Column[object]:
    return sa.Column("number", _INT, primary_key=True, autoincrement=True)


def _int(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INT, nullable=null)


def _bytes(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    op.create_table(
        "pockets",
        _number(),
        _bytes("pocket_id"),
        _bytes("wallet_id"),
        _int("other_home"),
        _bytes("other_wallet_id"),
        _int("amount_fen"),
        _bytes("sealed"),
        _bytes("sealed_for_other"),
        _int("since_ms"),
        _int("filled_ms", null=True),
        _int("told"),
        _int("taken_ms", null=True),
        _text("taken_by"),
        _bytes("transaction_id", null=True),
        sa.UniqueConstraint("pocket_id", name="pockets_pocket_id"),
        sa.CheckConstraint("amount_fen > 0", name="pockets_amount"),
        sqlite_strict=True,
    )
    op.create_index("pockets_by_wallet", "pockets", ["wallet_id", "number"])
    untold = sa.text("told = 0 AND filled_ms IS NOT NULL")
    op.create_index("pockets_untold", "pockets", ["number"], sqlite_where=untold, postgresql_where=untold)
    op.create_table(
        "received_pockets",
        _number(),
        _int("home"),
        _bytes("pocket_id"),
        _bytes("wallet_id"),
        _text("maker_address"),
        _int("amount_fen"),
        _bytes("sealed"),
        _int("since_ms"),
        _int("taken_ms", null=True),
        _text("taken_by"),
        _bytes("transaction_id", null=True),
        sa.UniqueConstraint("home", "pocket_id", name="received_pockets_pocket_id"),
        sa.CheckConstraint("amount_fen > 0", name="received_pockets_amount"),
        sqlite_strict=True,
    )
    op.create_index("received_pockets_by_wallet", "received_pockets", ["wallet_id", "number"])


def downgrade() -> None:
    op.drop_table("received_pockets")
    op.drop_table("pockets")
