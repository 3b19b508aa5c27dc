"""The books held against themselves: entries, accounts, vault, transit, wallets, orders and refunds."""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from tongbao.coin.coin import CURRENCY
from tongbao.institutions.books.bank_ledger import Account
from tongbao.institutions.customers.coin_book import Owner
from tongbao.institutions.exchange.exchange_judging import ACCEPTED
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.pockets.tables import pockets
from tongbao.institutions.settlement.outgoing import OutgoingKind, OutgoingState
from tongbao.institutions.tables import (
    AnyRow,
    accounts,
    coins,
    entries,
    exchanges,
    orders,
    payments,
    postings,
    transactions,
    wallets,
)
from tongbao.protocol.reconciliation import Break, BreakKind, ReconciliationLine

__all__ = ["book_breaks", "book_lines"]

_UNSPENT = sa.and_(coins.c.spent == 0, coins.c.asset == CURRENCY)


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(column), 0)


_ENTRIES = (
    sa.select(
        entries.c.entry_id.label("subject"), _sum(postings.c.amount_fen).label("books"), sa.literal(0).label("other")
    )
    .outerjoin(postings, postings.c.entry_id == entries.c.entry_id)
    .group_by(entries.c.entry_id)
    .having(_sum(postings.c.amount_fen) != 0)
)
_ACCOUNTS = (
    sa.select(
        accounts.c.name.label("subject"),
        accounts.c.balance_fen.label("books"),
        _sum(postings.c.amount_fen).label("other"),
    )
    .outerjoin(postings, postings.c.account_id == accounts.c.account_id)
    .group_by(accounts.c.account_id, accounts.c.name, accounts.c.balance_fen)
    .having(accounts.c.balance_fen != _sum(postings.c.amount_fen))
)
_HELD = (
    sa.select(coins.c.wallet_id, sa.func.sum(coins.c.value).label("held"))
    .where(_UNSPENT, coins.c.owner == Owner.WALLET.value)
    .group_by(coins.c.wallet_id)
    .subquery()
)
_WALLETS = (
    sa.select(
        wallets.c.wallet_id.label("subject"),
        wallets.c.balance_fen.label("books"),
        sa.func.coalesce(_HELD.c.held, 0).label("other"),
    )
    .outerjoin(_HELD, _HELD.c.wallet_id == wallets.c.wallet_id)
    .where(wallets.c.balance_fen != sa.func.coalesce(_HELD.c.held, 0))
)
_ORDERS = (
    sa.select(orders.c.order_id.label("subject"), orders.c.amount_fen.label("books"), sa.literal(0).label("other"))
    .outerjoin(coins, sa.and_(coins.c.origin == orders.c.paid_transaction_id, coins.c.lock_id == orders.c.lock_id))
    .where(orders.c.paid_ms.is_not(None), coins.c.coin_id.is_(None))
)
_REFUNDED = (
    sa.select(payments.c.order_id, sa.func.sum(payments.c.amount_fen).label("settled"))
    .join(transactions, transactions.c.subject == payments.c.payment_id)
    .where(payments.c.kind == PaymentKind.REFUND, transactions.c.state == OutgoingState.SETTLED.value)
    .group_by(payments.c.order_id)
    .subquery()
)
_REFUNDS = (
    sa.select(
        orders.c.order_id.label("subject"),
        orders.c.refunded_fen.label("books"),
        sa.func.coalesce(_REFUNDED.c.settled, 0).label("other"),
    )
    .outerjoin(_REFUNDED, _REFUNDED.c.order_id == orders.c.order_id)
    .where(orders.c.refunded_fen != sa.func.coalesce(_REFUNDED.c.settled, 0))
)
_BALANCE = sa.select(accounts.c.balance_fen).where(accounts.c.account_id == sa.bindparam("account"))
_VAULT_COINS = sa.select(_sum(coins.c.value)).where(_UNSPENT, coins.c.owner == Owner.VAULT.value)
_IN_TRANSIT = (
    sa.select(_sum(exchanges.c.amount_fen))
    .join(transactions, transactions.c.transaction_id == exchanges.c.transaction_id)
    .where(exchanges.c.status == ACCEPTED, transactions.c.open == 1, transactions.c.kind == OutgoingKind.EXCHANGE.value)
)
_WALLETS_TOTAL = sa.select(_sum(wallets.c.balance_fen))
_WALLET_COINS = sa.select(_sum(coins.c.value)).where(
    _UNSPENT, coins.c.owner == Owner.WALLET.value, coins.c.wallet_id.is_not(None)
)
_POCKETS = sa.select(_sum(pockets.c.amount_fen)).where(pockets.c.filled_ms.is_not(None), pockets.c.taken_ms.is_(None))
_POCKET_COINS = sa.select(_sum(coins.c.value)).where(
    _UNSPENT, coins.c.owner == Owner.WALLET.value, coins.c.wallet_id.is_(None)
)


def _plain(value: object) -> str:
    return str(value)


def _hexadecimal(value: bytes) -> str:
    return value.hex()


_ROWS: tuple[tuple[BreakKind, sa.Select[*tuple[Any, ...]], Callable[..., str]], ...] = (
    (BreakKind.ENTRY_UNBALANCED, _ENTRIES, _plain),
    (BreakKind.ACCOUNT_DIFFERS, _ACCOUNTS, _plain),
    (BreakKind.WALLET_DIFFERS, _WALLETS, _hexadecimal),
    (BreakKind.ORDER_UNPROVEN, _ORDERS, _hexadecimal),
    (BreakKind.REFUNDS_DIFFER, _REFUNDS, _hexadecimal),
)
_OF_LINES = {"vault": BreakKind.VAULT_DIFFERS, "exchange in transit": BreakKind.TRANSIT_DIFFERS}


def book_lines(connection: sa.Connection) -> list[ReconciliationLine]:
    """Sums of the books, and what they must be by what else the database holds."""

    def balance(account: Account) -> int:
        return int(connection.execute(_BALANCE, {"account": account}).scalar_one())

    def total(query: sa.Select[int]) -> int:
        return int(connection.execute(query).scalar_one())

    return [
        _line("vault", "unspent coins of the vault", -balance(Account.VAULT), total(_VAULT_COINS)),
        _line(
            "exchange in transit", "exchanges that are open", balance(Account.EXCHANGE_IN_TRANSIT), total(_IN_TRANSIT)
        ),
        _line("wallets", "unspent coins of wallets", total(_WALLETS_TOTAL), total(_WALLET_COINS)),
        _line("pockets", "unspent coins in pockets", total(_POCKETS), total(_POCKET_COINS)),
    ]


def _line(name: str, against: str, books_fen: int, other_fen: int) -> ReconciliationLine:
    return ReconciliationLine(name=name, against=against, books_fen=books_fen, other_fen=other_fen)


def book_breaks(connection: sa.Connection) -> Iterator[Break]:
    """Every difference within the database."""
    for line in book_lines(connection):
        kind = _OF_LINES.get(line.name)
        if kind is not None and line.books_fen != line.other_fen:
            yield Break(kind=kind, subject=line.name, books_fen=line.books_fen, other_fen=line.other_fen)
    for kind, query, words in _ROWS:
        for row in connection.execute(query):
            yield _break(kind, row, words)


def _break(kind: BreakKind, row: AnyRow, words: Callable[..., str]) -> Break:
    return Break(kind=kind, subject=words(row.subject), books_fen=int(row.books), other_fen=int(row.other))
