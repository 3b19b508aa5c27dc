"""Which rows of a table are about a customer. Rows about somebody else, also beside the customer's, are not handed out.

A table with a column `wallet_id` belongs to the wallet that it names; what is selected in another way stands here.
"""

from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

from tongbao.institutions.payees.tables import lookups
from tongbao.institutions.tables import (
    accounts,
    customers,
    entries,
    exchange_requests,
    exchanges,
    history,
    payments,
    postings,
    receipts,
    teller_requests,
    transactions,
)
from tongbao.institutions.webhooks.tables import webhook_attempts, webhook_deliveries, webhook_endpoints

__all__ = ["rows_of"]

_WALLET: sa.BindParameter[bytes] = sa.bindparam("wallet", type_=sa.LargeBinary)
_CUSTOMER: sa.BindParameter[int] = sa.bindparam("customer", type_=sa.BigInteger)
_ACCOUNT: sa.BindParameter[int] = sa.bindparam("account", type_=sa.BigInteger)

_ENTRIES = sa.select(postings.c.entry_id).where(postings.c.account_id == _ACCOUNT)
_ENDPOINTS = sa.select(webhook_endpoints.c.endpoint_id).where(webhook_endpoints.c.wallet_id == _WALLET)

_CONDITIONS: Final[Mapping[str, Callable[[], sa.ColumnElement[bool]]]] = {
    "customers": lambda: customers.c.customer_id == _CUSTOMER,
    "accounts": lambda: accounts.c.account_id == _ACCOUNT,
    "entries": lambda: entries.c.entry_id.in_(_ENTRIES),
    "postings": lambda: postings.c.account_id == _ACCOUNT,
    "teller_requests": lambda: teller_requests.c.entry_id.in_(_ENTRIES),
    "exchange_requests": lambda: exchange_requests.c.request_id.in_(
        sa.select(exchanges.c.request_id).where(exchanges.c.wallet_id == _WALLET)
    ),
    # What the holder signed. The transaction of an exchange is the institution's, and pays others in the same breath.
    "transactions": lambda: transactions.c.subject.in_(
        sa.select(payments.c.payment_id).where(payments.c.wallet_id == _WALLET)
    ),
    "webhook_deliveries": lambda: webhook_deliveries.c.endpoint_id.in_(_ENDPOINTS),
    "webhook_attempts": lambda: webhook_attempts.c.delivery.in_(
        sa.select(webhook_deliveries.c.number).where(webhook_deliveries.c.endpoint_id.in_(_ENDPOINTS))
    ),
    "lookups": lambda: lookups.c.asker == _WALLET,
    "receipts": lambda: receipts.c.transaction_id.in_(
        sa.select(history.c.transaction_id).where(history.c.wallet_id == _WALLET)
    ),
}


def rows_of(table: sa.Table) -> sa.Select[*tuple[object, ...]]:
    """The rows of the table about one customer, by the parameters `wallet`, `customer` and `account`.

    Raises:
        KeyError: nobody has said whose rows they are.
    """
    condition = table.c["wallet_id"] == _WALLET if "wallet_id" in table.c else _CONDITIONS[table.name]()
    return sa.select(table).where(condition).order_by(*table.primary_key.columns)
