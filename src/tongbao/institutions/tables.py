"""The institution's tables, for queries; `migrations` makes and changes them.

Money is a whole number of fen. Times are ledger times in milliseconds. Ids are bytes. A `number` grows with every row,
so that listings have an order and a cursor.
"""

from typing import Any

import sqlalchemy as sa

from tongbao.institutions.columns import BYTES, INT, TEXT, required, table

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

settings = table("settings", sa.Column("name", TEXT, primary_key=True), required("value", BYTES))
"""Single values: genesis, the cursor of the feed."""

counters = table("counters", sa.Column("name", TEXT, primary_key=True), required("value", INT))

# --- customers and their deposits -------------------------------------------------------------------------------------

customers = table(
    "customers",
    sa.Column("customer_id", INT, primary_key=True),
    required("name", TEXT),
    required("kind", TEXT),
    required("since_ms", INT),
)

accounts = table(
    "accounts",
    sa.Column("account_id", INT, primary_key=True),
    required("name", TEXT),
    required("kind", TEXT),
    sa.Column("customer_id", INT),
    required("balance_fen", INT),
)
"""The bank ledger's accounts; credit is positive."""

entries = table(
    "entries",
    sa.Column("entry_id", INT, primary_key=True),
    required("kind", TEXT),
    required("subject", BYTES),
    required("time_ms", INT),
)

postings = table(
    "postings",
    sa.Column("entry_id", INT, primary_key=True),
    sa.Column("line", INT, primary_key=True),
    required("account_id", INT),
    required("amount_fen", INT),
)

teller_requests = table(
    "teller_requests",
    sa.Column("request_id", BYTES, primary_key=True),
    required("request_hash", BYTES),
    required("entry_id", INT),
)
"""Deposits by tellers, so that a repeated request changes nothing."""

# --- wallets ----------------------------------------------------------------------------------------------------------

wallets = table(
    "wallets",
    sa.Column("wallet_id", BYTES, primary_key=True),
    required("customer_id", INT),
    required("account_id", INT),
    required("main_key", BYTES),
    required("wallet_class", TEXT),
    required("kind", TEXT),
    required("holder_name", TEXT),
    required("balance_fen", INT),
    required("locks_given", INT),
    required("locks_stocked", INT),
    required("since_ms", INT),
    sa.Column("closing_ms", INT),
    sa.Column("closed_ms", INT),
    sa.Column("moved_to", TEXT),
)

lock_stocks = table(
    "lock_stocks",
    sa.Column("wallet_id", BYTES, primary_key=True),
    sa.Column("first", INT, primary_key=True),
    required("count", INT),
    required("tree", BYTES),
    required("lock_ids", BYTES),
    required("signature", BYTES),
)
"""Signed stocks of lock ids, with every hash of their Merkle trees; `first` counts over all stocks of the wallet."""

locks = table(
    "locks",
    sa.Column("lock_id", BYTES, primary_key=True),
    required("purpose", TEXT),
    sa.Column("wallet_id", BYTES),
    required("subject", BYTES),
    sa.Column("position", INT),
    sa.Column("salt", BYTES),
)
"""Locks that were handed out to be paid to, and what a coin that arrives there means."""

coins = table(
    "coins",
    sa.Column("number", INT, primary_key=True),
    required("coin_id", BYTES),
    required("origin", BYTES),
    required("output_index", INT),
    required("asset", INT),
    required("value", INT),
    required("home", INT),
    required("lock_id", BYTES),
    required("owner", TEXT),
    sa.Column("wallet_id", BYTES),
    sa.Column("salt", BYTES),
    required("sequence", INT),
    required("spent", INT),
)
"""Coins at this home; spent ones stay, so that late news of a coin cannot bring it back."""

usage = table(
    "usage",
    sa.Column("wallet_id", BYTES, primary_key=True),
    sa.Column("period", INT, primary_key=True),
    required("used_fen", INT),
)
"""What a wallet has paid in a day (20210611) or a year (2021)."""

expected = table(
    "expected",
    sa.Column("lock_id", BYTES, primary_key=True),
    required("wallet_id", BYTES),
    required("amount_fen", INT),
    required("expiry_ms", INT),
)
"""Money on its way to wallets whose balance is limited."""

history = table(
    "history",
    sa.Column("number", INT, primary_key=True),
    required("wallet_id", BYTES),
    required("kind", TEXT),
    required("amount_fen", INT),
    required("counterparty", TEXT),
    sa.Column("transaction_id", BYTES),
    required("state", TEXT),
    required("time_ms", INT),
    required("tip_fen", INT),
)

# --- orders and payments ----------------------------------------------------------------------------------------------

merchants = table(
    "merchants",
    sa.Column("wallet_id", BYTES, primary_key=True),
    required("name", TEXT),
    required("category", TEXT),
    required("since_ms", INT),
    sa.Column("refund_answer_s", INT),
    required("refund_unanswered", TEXT),
)

orders = table(
    "orders",
    sa.Column("number", INT, primary_key=True),
    required("order_id", BYTES),
    required("wallet_id", BYTES),
    required("order_number", TEXT),
    required("amount_fen", INT),
    required("refunded_fen", INT),
    required("description", TEXT),
    required("life_s", INT),
    required("lock_id", BYTES),
    required("expires_ms", INT),
    sa.Column("anchor", BYTES),
    sa.Column("anchor_expiry_ms", INT),
    sa.Column("payer_home", INT),
    sa.Column("payer_handle", TEXT),
    sa.Column("paid_ms", INT),
    sa.Column("paid_transaction_id", BYTES),
    sa.Column("till_id", BYTES),
    required("tip_fen_max", INT),
    required("tip_fen", INT),
    sa.Column("cancelled_ms", INT),
    sa.Column("paid_coin_id", BYTES),
    sa.Column("refund_answer_s", INT),
    required("refund_unanswered", TEXT),
    sa.Column("wanted_back_ms", INT),
)

payments = table(
    "payments",
    sa.Column("payment_id", BYTES, primary_key=True),
    required("wallet_id", BYTES),
    required("kind", TEXT),
    sa.Column("order_id", BYTES),
    required("payee", TEXT),
    required("payee_home", INT),
    sa.Column("payee_wallet_id", BYTES),
    required("counterparty", TEXT),
    required("amount_fen", INT),
    required("lock_id", BYTES),
    required("anchor", BYTES),
    required("reference", BYTES),
    sa.Column("acceptance", BYTES),
    sa.Column("proof", BYTES),
    required("expiry_ms", INT),
    required("description", TEXT),
    required("tip_fen", INT),
)
"""Preparations. What became of one says the transaction whose subject it is."""

acceptances = table(
    "acceptances",
    sa.Column("anchor", BYTES, primary_key=True),
    sa.Column("lock_id", BYTES, primary_key=True),
    required("request", TEXT),
    required("wallet_id", BYTES),
    required("payer_home", INT),
    required("amount_fen", INT),
    required("expiry_ms", INT),
    required("content", BYTES),
)
"""Acceptances given to other homes."""

transactions = table(
    "transactions",
    sa.Column("number", INT, primary_key=True),
    required("transaction_id", BYTES),
    required("kind", TEXT),
    required("subject", BYTES),
    required("content", BYTES),
    required("expiry_ms", INT),
    required("recorded_ms", INT),
    required("open", INT),
    required("state", TEXT),
    required("status", TEXT),
    sa.Column("receipt", BYTES),
    required("sequence", INT),
    required("time_ms", INT),
)
"""Signed transactions, stored before they are sent; `open` until an outcome is final."""

receipts = table("receipts", sa.Column("transaction_id", BYTES, primary_key=True), required("receipt", BYTES))
"""Receipts of transactions that other homes submitted, as far as somebody has asked for them."""

# --- exchange, issuance, redemption -----------------------------------------------------------------------------------

exchange_requests = table(
    "exchange_requests",
    sa.Column("request_id", BYTES, primary_key=True),
    required("request_hash", BYTES),
    sa.Column("transaction_id", BYTES),
)

exchanges = table(
    "exchanges",
    sa.Column("request_id", BYTES, primary_key=True),
    sa.Column("item", INT, primary_key=True),
    required("wallet_id", BYTES),
    required("amount_fen", INT),
    required("status", TEXT),
    sa.Column("transaction_id", BYTES),
    sa.Column("output_index", INT),
    sa.Column("salt", BYTES),
)

bank_operations = table(
    "bank_operations",
    sa.Column("operation_id", BYTES, primary_key=True),
    required("request_hash", BYTES),
    required("kind", TEXT),
    required("amount_fen", INT),
    required("state", TEXT),
    required("status", TEXT),
    required("proposal_id", TEXT),
    sa.Column("transaction_id", BYTES),
    sa.Column("content", BYTES),
    required("missing_fen", INT),
    required("expiry_ms", INT),
    sa.Column("receipt", BYTES),
)
"""Issuances and redemptions; `content` is what is proposed to the central bank's office.

`receipt` is an issuance's, whose transaction is the central bank's; a redemption's stands with its transaction here.
"""
