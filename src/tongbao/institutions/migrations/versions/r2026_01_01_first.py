"""The first form of the database."""

import sqlalchemy as sa
from alembic import op

revision = "2026_01_01_first"
down_revision = None
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# Accounts of the institution itself, by the numbers that the code names.
_OWN_ACCOUNTS = (
    (1, "cash", "own"),
    (2, "vault", "own"),
    (3, "reserves", "own"),
    (4, "exchange in transit", "transit"),
)


def _key(name: str, kind: "type[sa.LargeBinary | sa.Text] | sa.types.TypeEngine[int]") -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _number(name: str = "number") -> sa.Column[object]:
    return sa.Column(name, _INT, primary_key=True, autoincrement=True)


def _int(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INT, nullable=null)


def _bytes(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def _text(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=null)


def _table(name: str, *parts: sa.schema.SchemaItem, numbered: bool = False) -> None:
    """Make a table; where its rows are neither numbered nor large, SQLite keeps them in the order of the key alone."""
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=numbered)


def _unspent(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    _table("settings", _key("name", sa.Text), _bytes("value"))
    _table("counters", _key("name", sa.Text), _int("value"))
    _make_bank_ledger()
    _make_wallets()
    _make_locks()
    _make_coins()
    _make_orders()
    _make_payments()
    _make_transactions()
    _make_exchanges()


def _make_bank_ledger() -> None:
    _table("customers", _number("customer_id"), _text("name"), _text("kind"), _int("since_ms"), numbered=True)
    _table(
        "accounts",
        _key("account_id", _INT),
        _text("name"),
        _text("kind"),
        _int("customer_id", null=True),
        _int("balance_fen"),
        sa.UniqueConstraint("name", name="accounts_name"),
        sa.CheckConstraint("kind IN ('own', 'transit', 'deposit')", name="accounts_kind"),
        sa.CheckConstraint("kind = 'own' OR balance_fen >= 0", name="accounts_not_negative"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
    )
    rows = [
        {"account_id": number, "name": name, "kind": kind, "customer_id": None, "balance_fen": 0}
        for number, name, kind in _OWN_ACCOUNTS
    ]
    op.bulk_insert(
        sa.table("accounts", *[sa.column(name) for name in rows[0]]),
        rows,
    )
    op.bulk_insert(
        sa.table("counters", sa.column("name"), sa.column("value")),
        [{"name": "issuance", "value": 0}],
    )
    _table("entries", _number("entry_id"), _text("kind"), _bytes("subject"), _int("time_ms"), numbered=True)
    _table(
        "postings",
        _key("entry_id", _INT),
        _key("line", _INT),
        _int("account_id"),
        _int("amount_fen"),
        sa.CheckConstraint("amount_fen <> 0", name="postings_not_zero"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.entry_id"]),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
    )
    _table("teller_requests", _key("request_id", sa.LargeBinary), _bytes("request_hash"), _int("entry_id"))


def _make_wallets() -> None:
    _table(
        "wallets",
        _key("wallet_id", sa.LargeBinary),
        _int("customer_id"),
        _int("account_id"),
        _bytes("main_key"),
        _text("wallet_class"),
        _text("kind"),
        _text("holder_name"),
        _int("balance_fen"),
        _int("locks_given"),
        _int("locks_stocked"),
        _int("since_ms"),
        sa.CheckConstraint("balance_fen >= 0", name="wallets_not_negative"),
        sa.CheckConstraint("locks_given <= locks_stocked", name="wallets_locks"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.customer_id"]),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
    )
    _table(
        "usage",
        _key("wallet_id", sa.LargeBinary),
        _key("period", _INT),
        _int("used_fen"),
        sa.CheckConstraint("used_fen >= 0", name="usage_not_negative"),
    )


def _make_locks() -> None:
    _table(
        "lock_stocks",
        _key("wallet_id", sa.LargeBinary),
        _key("first", _INT),
        _int("count"),
        _bytes("tree"),
        _bytes("lock_ids"),
        _bytes("signature"),
        numbered=True,
    )
    _table(
        "locks",
        _key("lock_id", sa.LargeBinary),
        _text("purpose"),
        _bytes("wallet_id", null=True),
        _bytes("subject"),
        _int("position", null=True),
        _bytes("salt", null=True),
    )
    _table(
        "expected",
        _key("lock_id", sa.LargeBinary),
        _bytes("wallet_id"),
        _int("amount_fen"),
        _int("expiry_ms"),
    )
    op.create_index("expected_by_wallet", "expected", ["wallet_id"])


def _make_coins() -> None:
    _table(
        "coins",
        _number(),
        _bytes("coin_id"),
        _bytes("origin"),
        _int("output_index"),
        _int("asset"),
        _int("value"),
        _int("home"),
        _bytes("lock_id"),
        _text("owner"),
        _bytes("wallet_id", null=True),
        _bytes("salt", null=True),
        _int("sequence"),
        _int("spent"),
        sa.UniqueConstraint("coin_id", name="coins_coin_id"),
        sa.CheckConstraint("owner IN ('wallet', 'vault', 'unknown')", name="coins_owner"),
        sa.CheckConstraint("value > 0", name="coins_value"),
        numbered=True,
    )
    _unspent("coins_unspent", "coins", ["wallet_id", "number"], "spent = 0")
    _table(
        "history",
        _number(),
        _bytes("wallet_id"),
        _text("kind"),
        _int("amount_fen"),
        _text("counterparty"),
        _bytes("transaction_id", null=True),
        _text("state"),
        _int("time_ms"),
        numbered=True,
    )
    op.create_index("history_by_wallet", "history", ["wallet_id", "number"])


def _make_orders() -> None:
    _table("merchants", _key("wallet_id", sa.LargeBinary), _text("name"), _text("category"), _int("since_ms"))
    _table(
        "orders",
        _number(),
        _bytes("order_id"),
        _bytes("wallet_id"),
        _text("order_number"),
        _int("amount_fen"),
        _int("refunded_fen"),
        _text("description"),
        _int("life_s"),
        _bytes("lock_id"),
        _int("expires_ms"),
        _bytes("anchor", null=True),
        _int("anchor_expiry_ms", null=True),
        _int("payer_home", null=True),
        _text("payer_handle", null=True),
        _int("paid_ms", null=True),
        _bytes("paid_transaction_id", null=True),
        sa.UniqueConstraint("order_id", name="orders_order_id"),
        sa.CheckConstraint("amount_fen > 0", name="orders_amount"),
        sa.CheckConstraint("refunded_fen BETWEEN 0 AND amount_fen", name="orders_refunded"),
        numbered=True,
    )
    op.create_index("orders_by_wallet", "orders", ["wallet_id", "number"])


def _make_payments() -> None:
    _table(
        "payments",
        _key("payment_id", sa.LargeBinary),
        _bytes("wallet_id"),
        _text("kind"),
        _bytes("order_id", null=True),
        _text("payee"),
        _int("payee_home"),
        _bytes("payee_wallet_id", null=True),
        _text("counterparty"),
        _int("amount_fen"),
        _bytes("lock_id"),
        _bytes("anchor"),
        _bytes("reference"),
        _bytes("acceptance", null=True),
        _bytes("proof", null=True),
        _int("expiry_ms"),
        _text("description"),
        sa.CheckConstraint("amount_fen > 0", name="payments_amount"),
        numbered=True,
    )
    op.create_index("payments_by_anchor", "payments", ["anchor"])
    _unspent("payments_refunds", "payments", ["order_id"], "kind = 'refund'")
    _table(
        "acceptances",
        _key("anchor", sa.LargeBinary),
        _key("lock_id", sa.LargeBinary),
        _text("request"),
        _bytes("wallet_id"),
        _int("payer_home"),
        _int("amount_fen"),
        _int("expiry_ms"),
        _bytes("content"),
        numbered=True,
    )


def _make_transactions() -> None:
    _table(
        "transactions",
        _number(),
        _bytes("transaction_id"),
        _text("kind"),
        _bytes("subject"),
        _bytes("content"),
        _int("expiry_ms"),
        _int("recorded_ms"),
        _int("open"),
        _text("state"),
        _text("status"),
        _bytes("receipt", null=True),
        _int("sequence"),
        _int("time_ms"),
        sa.UniqueConstraint("transaction_id", name="transactions_transaction_id"),
        sa.UniqueConstraint("subject", name="transactions_subject"),
        numbered=True,
    )
    _unspent("transactions_open", "transactions", ["number"], "open = 1")


def _make_exchanges() -> None:
    _table(
        "exchange_requests",
        _key("request_id", sa.LargeBinary),
        _bytes("request_hash"),
        _bytes("transaction_id", null=True),
    )
    _table(
        "exchanges",
        _key("request_id", sa.LargeBinary),
        _key("item", _INT),
        _bytes("wallet_id"),
        _int("amount_fen"),
        _text("status"),
        _bytes("transaction_id", null=True),
        _int("output_index", null=True),
        _bytes("salt", null=True),
    )
    _unspent("exchanges_by_transaction", "exchanges", ["transaction_id"], "transaction_id IS NOT NULL")
    _table(
        "bank_operations",
        _key("operation_id", sa.LargeBinary),
        _bytes("request_hash"),
        _text("kind"),
        _int("amount_fen"),
        _text("state"),
        _text("status"),
        _text("proposal_id"),
        _bytes("transaction_id", null=True),
        _bytes("content", null=True),
        _int("missing_fen"),
        _int("expiry_ms"),
        numbered=True,
    )


def downgrade() -> None:
    raise RuntimeError("there is nothing before the first form: restore a copy of the database instead")
