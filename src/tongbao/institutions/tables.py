"""The institution's tables, for queries; `migrations` makes and changes them.

Money is a whole number of fen. Times are ledger times in milliseconds. Ids are bytes. A `number` grows with every row,
so that listings have an order and a cursor.
"""

from typing import Any

import sqlalchemy as sa

__all__ = [
    "AnyRow",
    "acceptances",
    "accounts",
    "bank_operations",
    "coins",
    "counters",
    "customers",
    "entries",
    "exchange_requests",
    "exchanges",
    "expected",
    "history",
    "lock_stocks",
    "locks",
    "merchants",
    "metadata",
    "orders",
    "payments",
    "postings",
    "receipts",
    "settings",
    "teller_requests",
    "transactions",
    "usage",
    "wallets",
]

AnyRow = sa.Row[*tuple[Any, ...]]
"""A row whose columns the query beside it names."""

metadata = sa.MetaData()

# SQLite numbers rows only in a column that is declared INTEGER, and its strict tables know no other whole number.
_Int = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_Bytes = sa.LargeBinary
_Text = sa.Text


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, metadata, *columns, sqlite_strict=True)


def _required(name: str, kind: "type[sa.LargeBinary | sa.Text] | sa.types.TypeEngine[int]") -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)


settings = _table("settings", sa.Column("name", _Text, primary_key=True), _required("value", _Bytes))
"""Single values: genesis, the cursor of the feed."""

counters = _table("counters", sa.Column("name", _Text, primary_key=True), _required("value", _Int))

# --- customers and their deposits -------------------------------------------------------------------------------------

customers = _table(
    "customers",
    sa.Column("customer_id", _Int, primary_key=True),
    _required("name", _Text),
    _required("kind", _Text),
    _required("since_ms", _Int),
)

accounts = _table(
    "accounts",
    sa.Column("account_id", _Int, primary_key=True),
    _required("name", _Text),
    _required("kind", _Text),
    sa.Column("customer_id", _Int),
    _required("balance_fen", _Int),
)
"""The bank ledger's accounts; credit is positive."""

entries = _table(
    "entries",
    sa.Column("entry_id", _Int, primary_key=True),
    _required("kind", _Text),
    _required("subject", _Bytes),
    _required("time_ms", _Int),
)

postings = _table(
    "postings",
    sa.Column("entry_id", _Int, primary_key=True),
    sa.Column("line", _Int, primary_key=True),
    _required("account_id", _Int),
    _required("amount_fen", _Int),
)

teller_requests = _table(
    "teller_requests",
    sa.Column("request_id", _Bytes, primary_key=True),
    _required("request_hash", _Bytes),
    _required("entry_id", _Int),
)
"""Deposits by tellers, so that a repeated request changes nothing."""

# --- wallets ----------------------------------------------------------------------------------------------------------

wallets = _table(
    "wallets",
    sa.Column("wallet_id", _Bytes, primary_key=True),
    _required("customer_id", _Int),
    _required("account_id", _Int),
    _required("main_key", _Bytes),
    _required("wallet_class", _Text),
    _required("kind", _Text),
    _required("holder_name", _Text),
    _required("balance_fen", _Int),
    _required("locks_given", _Int),
    _required("locks_stocked", _Int),
    _required("since_ms", _Int),
)

lock_stocks = _table(
    "lock_stocks",
    sa.Column("wallet_id", _Bytes, primary_key=True),
    sa.Column("first", _Int, primary_key=True),
    _required("count", _Int),
    _required("tree", _Bytes),
    _required("lock_ids", _Bytes),
    _required("signature", _Bytes),
)
"""Signed stocks of lock ids, with every hash of their Merkle trees; `first` counts over all stocks of the wallet."""

locks = _table(
    "locks",
    sa.Column("lock_id", _Bytes, primary_key=True),
    _required("purpose", _Text),
    sa.Column("wallet_id", _Bytes),
    _required("subject", _Bytes),
    sa.Column("position", _Int),
    sa.Column("salt", _Bytes),
)
"""Locks that were handed out to be paid to, and what a coin that arrives there means."""

coins = _table(
    "coins",
    sa.Column("number", _Int, primary_key=True),
    _required("coin_id", _Bytes),
    _required("origin", _Bytes),
    _required("output_index", _Int),
    _required("asset", _Int),
    _required("value", _Int),
    _required("home", _Int),
    _required("lock_id", _Bytes),
    _required("owner", _Text),
    sa.Column("wallet_id", _Bytes),
    sa.Column("salt", _Bytes),
    _required("sequence", _Int),
    _required("spent", _Int),
)
"""Coins at this home; spent ones stay, so that late news of a coin cannot bring it back."""

usage = _table(
    "usage",
    sa.Column("wallet_id", _Bytes, primary_key=True),
    sa.Column("period", _Int, primary_key=True),
    _required("used_fen", _Int),
)
"""What a wallet has paid in a day (20210611) or a year (2021)."""

expected = _table(
    "expected",
    sa.Column("lock_id", _Bytes, primary_key=True),
    _required("wallet_id", _Bytes),
    _required("amount_fen", _Int),
    _required("expiry_ms", _Int),
)
"""Money on its way to wallets whose balance is limited."""

history = _table(
    "history",
    sa.Column("number", _Int, primary_key=True),
    _required("wallet_id", _Bytes),
    _required("kind", _Text),
    _required("amount_fen", _Int),
    _required("counterparty", _Text),
    sa.Column("transaction_id", _Bytes),
    _required("state", _Text),
    _required("time_ms", _Int),
)

# --- orders and payments ----------------------------------------------------------------------------------------------

merchants = _table(
    "merchants",
    sa.Column("wallet_id", _Bytes, primary_key=True),
    _required("name", _Text),
    _required("category", _Text),
    _required("since_ms", _Int),
)

orders = _table(
    "orders",
    sa.Column("number", _Int, primary_key=True),
    _required("order_id", _Bytes),
    _required("wallet_id", _Bytes),
    _required("order_number", _Text),
    _required("amount_fen", _Int),
    _required("refunded_fen", _Int),
    _required("description", _Text),
    _required("life_s", _Int),
    _required("lock_id", _Bytes),
    _required("expires_ms", _Int),
    sa.Column("anchor", _Bytes),
    sa.Column("anchor_expiry_ms", _Int),
    sa.Column("payer_home", _Int),
    sa.Column("payer_handle", _Text),
    sa.Column("paid_ms", _Int),
    sa.Column("paid_transaction_id", _Bytes),
)

payments = _table(
    "payments",
    sa.Column("payment_id", _Bytes, primary_key=True),
    _required("wallet_id", _Bytes),
    _required("kind", _Text),
    sa.Column("order_id", _Bytes),
    _required("payee", _Text),
    _required("payee_home", _Int),
    sa.Column("payee_wallet_id", _Bytes),
    _required("counterparty", _Text),
    _required("amount_fen", _Int),
    _required("lock_id", _Bytes),
    _required("anchor", _Bytes),
    _required("reference", _Bytes),
    sa.Column("acceptance", _Bytes),
    sa.Column("proof", _Bytes),
    _required("expiry_ms", _Int),
    _required("description", _Text),
)
"""Preparations. What became of one says the transaction whose subject it is."""

acceptances = _table(
    "acceptances",
    sa.Column("anchor", _Bytes, primary_key=True),
    sa.Column("lock_id", _Bytes, primary_key=True),
    _required("request", _Text),
    _required("wallet_id", _Bytes),
    _required("payer_home", _Int),
    _required("amount_fen", _Int),
    _required("expiry_ms", _Int),
    _required("content", _Bytes),
)
"""Acceptances given to other homes."""

transactions = _table(
    "transactions",
    sa.Column("number", _Int, primary_key=True),
    _required("transaction_id", _Bytes),
    _required("kind", _Text),
    _required("subject", _Bytes),
    _required("content", _Bytes),
    _required("expiry_ms", _Int),
    _required("recorded_ms", _Int),
    _required("open", _Int),
    _required("state", _Text),
    _required("status", _Text),
    sa.Column("receipt", _Bytes),
    _required("sequence", _Int),
    _required("time_ms", _Int),
)
"""Signed transactions, stored before they are sent; `open` until an outcome is final."""

receipts = _table("receipts", sa.Column("transaction_id", _Bytes, primary_key=True), _required("receipt", _Bytes))
"""Receipts of transactions that other homes submitted, as far as somebody has asked for them."""

# --- exchange, issuance, redemption -----------------------------------------------------------------------------------

exchange_requests = _table(
    "exchange_requests",
    sa.Column("request_id", _Bytes, primary_key=True),
    _required("request_hash", _Bytes),
    sa.Column("transaction_id", _Bytes),
)

exchanges = _table(
    "exchanges",
    sa.Column("request_id", _Bytes, primary_key=True),
    sa.Column("item", _Int, primary_key=True),
    _required("wallet_id", _Bytes),
    _required("amount_fen", _Int),
    _required("status", _Text),
    sa.Column("transaction_id", _Bytes),
    sa.Column("output_index", _Int),
    sa.Column("salt", _Bytes),
)

bank_operations = _table(
    "bank_operations",
    sa.Column("operation_id", _Bytes, primary_key=True),
    _required("request_hash", _Bytes),
    _required("kind", _Text),
    _required("amount_fen", _Int),
    _required("state", _Text),
    _required("status", _Text),
    _required("proposal_id", _Text),
    sa.Column("transaction_id", _Bytes),
    sa.Column("content", _Bytes),
    _required("missing_fen", _Int),
    _required("expiry_ms", _Int),
    sa.Column("receipt", _Bytes),
)
"""Issuances and redemptions; `content` is what is proposed to the central bank's office.

`receipt` is an issuance's, whose transaction is the central bank's; a redemption's stands with its transaction here.
"""
