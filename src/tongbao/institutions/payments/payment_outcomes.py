"""What follows when a customer's payment has settled, or never will."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tongbao.coin.coin import Coin, Input
from tongbao.institutions.books.bank_ledger import Account, Entry, book
from tongbao.institutions.customers.coin_book import (
    NewCoin,
    Owner,
    add_coins,
    change_balances,
    spend_coins,
    value_in_currency,
)
from tongbao.institutions.customers.history import Happening, OrderName, write_history
from tongbao.institutions.customers.limits import release, stop_expecting
from tongbao.institutions.pockets.pocket_book import fill
from tongbao.institutions.premises import Premises
from tongbao.institutions.refunds.tables import offered_refunds
from tongbao.institutions.settlement.outgoing import OutgoingState, Settlement
from tongbao.institutions.settlement.settling import VaultNews
from tongbao.institutions.tables import AnyRow, locks, orders, payments
from tongbao.protocol.refund import RefundState
from tongbao.statements import Among, Statement

__all__ = ["DEPOSIT_SALT", "PaymentKind", "PaymentOutcomes", "mark_paid"]

DEPOSIT_SALT = "vault deposit"
"""The purpose of the salts of locks on which the vault takes coins back; the subject is the payment's anchor."""


class PaymentKind:
    """What a payment is for."""

    ORDER = "order"
    PERSON = "person"
    REFUND = "refund"
    DEPOSIT = "deposit"
    OWN = "own"
    POCKET = "pocket"

    LIMITED = frozenset({ORDER, PERSON, POCKET})
    """Those that count as payments, and so does filling a pocket, since another wallet can open it.

    A refund gives money back, and deposits and own locks keep it with its owner.
    """


_SUBJECTS = Among(
    lambda payment_ids: (
        sa.select(payments, locks.c.salt.label("payee_salt"), orders.c.order_number)
        .outerjoin(locks, locks.c.lock_id == payments.c.lock_id)
        .outerjoin(orders, orders.c.order_id == payments.c.order_id)
        .where(payments.c.payment_id.in_(payment_ids))
    )
)
_MARK_PAID = Statement(
    sa.update(orders)
    .where(orders.c.order_id == sa.bindparam("order"), orders.c.paid_ms.is_(None), orders.c.cancelled_ms.is_(None))
    .values(
        paid_ms=sa.bindparam("at_ms"),
        paid_transaction_id=sa.bindparam("identity"),
        tip_fen=sa.bindparam("tip"),
        paid_coin_id=sa.bindparam("coin"),
        payer_home=sa.bindparam("from_home"),
        payer_handle=sa.bindparam("handle"),
    )
)
_REFUNDED = Statement(
    sa.update(orders)
    .where(orders.c.order_id == sa.bindparam("order"))
    .values(refunded_fen=orders.c.refunded_fen + sa.bindparam("amount"))
)
# Of a refund that was offered, its payer's home is told.
_RETURNED = Statement(
    sa.update(offered_refunds)
    .where(offered_refunds.c.payment_id == sa.bindparam("payment"))
    .values(state=RefundState.RETURNED.value, told=0)
)


def mark_paid(connection: sa.Connection, rows: Sequence[dict[str, object]]) -> None:
    """Mark orders as paid: order, at_ms, identity, coin, tip, from_home and handle; the first payment stays."""
    _MARK_PAID.run_many(connection, rows)


@dataclass(slots=True)
class _Changes:
    """What a group of settled payments changes, gathered so that each table is written once."""

    coins: list[NewCoin] = field(default_factory=list)
    spent: list[bytes] = field(default_factory=list)
    balances: defaultdict[bytes, int] = field(default_factory=lambda: defaultdict(int))
    paid: list[dict[str, object]] = field(default_factory=list)
    refunded: list[dict[str, object]] = field(default_factory=list)
    returned: list[dict[str, object]] = field(default_factory=list)
    arrived: list[bytes] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    news: VaultNews = field(default_factory=VaultNews)

    def write(self, connection: sa.Connection) -> None:
        add_coins(connection, self.coins)
        spend_coins(connection, self.spent)
        change_balances(connection, self.balances)
        mark_paid(connection, self.paid)
        _REFUNDED.run_many(connection, self.refunded)
        _RETURNED.run_many(connection, self.returned)
        stop_expecting(connection, self.arrived)
        if self.entries:
            book(connection, self.entries)
        write_history(connection, self.happened)


class PaymentOutcomes:
    """Consequences of payments."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._home = premises.settings.home

    def settled(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Move the coins, and tell order, books and histories."""
        rows = self._rows(connection, settlements)
        changes = _Changes()
        for settlement in settlements:
            payment = rows[settlement.outgoing.subject]
            paid_coin_id = self._move(settlement, payment, changes)
            self._conclude(connection, settlement, payment, changes, paid_coin_id)
        changes.write(connection)
        return changes.news

    def _rows(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> dict[bytes, AnyRow]:
        rows = _SUBJECTS.all(connection, [each.outgoing.subject for each in settlements])
        return {row.payment_id: row for row in rows}

    def _move(self, settlement: Settlement, payment: AnyRow, changes: _Changes) -> bytes | None:
        """Book the coins of both sides; returns the payee's, if it lies at this home."""
        paid_coin_id = None
        outgoing = settlement.outgoing
        changes.spent += outgoing.coin_ids
        changes.balances[payment.wallet_id] -= sum([value_in_currency(each.coin) for each in outgoing.body.inputs])
        for index, coin in enumerate(outgoing.body.outputs):
            if coin.home != self._home:
                continue
            new = self._new_coin(settlement, payment, index, coin)
            changes.coins.append(new)
            if coin.lock_id == payment.lock_id:
                paid_coin_id = new.coin_id
            if new.wallet_id is not None:
                changes.balances[new.wallet_id] += value_in_currency(coin)
            elif new.salt is not None:
                changes.news.added.append((new.opening, new.salt))
        return paid_coin_id

    def _new_coin(self, settlement: Settlement, payment: AnyRow, index: int, coin: Coin) -> NewCoin:
        """An output at this home: the payee's, or else change of the payer."""
        opening = Input(settlement.outgoing.transaction_id, index, coin)
        coin_id, sequence = opening.coin_id(self._premises.domain), settlement.sequence
        if coin.lock_id != payment.lock_id:
            return NewCoin(coin_id, opening, Owner.WALLET, payment.wallet_id, None, sequence)
        if payment.kind == PaymentKind.DEPOSIT:
            salt = self._premises.secrets.derive(DEPOSIT_SALT, payment.anchor)
            return NewCoin(coin_id, opening, Owner.VAULT, None, salt, sequence)
        return NewCoin(coin_id, opening, Owner.WALLET, payment.payee_wallet_id, payment.payee_salt, sequence)

    def _conclude(
        self,
        connection: sa.Connection,
        settlement: Settlement,
        payment: AnyRow,
        changes: _Changes,
        paid_coin_id: bytes | None,
    ) -> None:
        if payment.kind == PaymentKind.OWN:
            return  # the same money of the same wallet: nothing has happened to it
        identity, amount = settlement.outgoing.transaction_id, payment.amount_fen
        changes.happened.append(_paid(settlement, payment))
        if payment.kind == PaymentKind.REFUND:
            changes.refunded.append({"order": payment.order_id, "amount": amount})
            changes.returned.append({"payment": payment.payment_id})
        if payment.kind == PaymentKind.POCKET:
            fill(connection, [payment.lock_id], at_ms=settlement.time_ms)
        elif payment.kind == PaymentKind.DEPOSIT:
            account = self._premises.wallets.find(connection, payment.wallet_id).account_id
            lines = ((Account.VAULT, -amount), (account, amount))
            changes.entries.append(Entry("coins into deposit", identity, settlement.time_ms, lines))
        elif payment.payee_home == self._home:
            changes.happened.append(_received(settlement, payment))
            if payment.kind == PaymentKind.ORDER:
                changes.paid.append(_order_paid(settlement, payment, self._home, paid_coin_id))
            payee = self._premises.wallets.find(connection, payment.payee_wallet_id)
            if self._premises.settings.policy.limits(payee.wallet_class).balance_fen is not None:
                changes.arrived.append(payment.lock_id)

    def absent(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Give the payer's room back, and stop expecting the money."""
        rows = self._rows(connection, settlements)
        limited = []
        for settlement in settlements:
            payment = rows[settlement.outgoing.subject]
            if payment.kind in PaymentKind.LIMITED:
                periods = self._premises.settings.policy.periods(settlement.outgoing.recorded_ms)
                limited.append((payment.wallet_id, periods, payment.amount_fen))
        if limited:
            release(connection, limited)
        stop_expecting(connection, [payment.lock_id for payment in rows.values()])
        told = [each for each in settlements if rows[each.outgoing.subject].kind != PaymentKind.OWN]
        write_history(connection, [_paid(each, rows[each.outgoing.subject]) for each in told])
        return VaultNews()


_NAMED = frozenset({PaymentKind.REFUND, PaymentKind.DEPOSIT, PaymentKind.POCKET})
"""Kinds that histories call by their own names; the others are payments."""


def _paid(settlement: Settlement, payment: AnyRow) -> Happening:
    return Happening(
        payment.wallet_id,
        payment.kind if payment.kind in _NAMED else "payment",
        -payment.amount_fen,
        payment.counterparty,
        settlement.outgoing.transaction_id,
        "settled" if settlement.state == OutgoingState.SETTLED else "absent",
        settlement.time_ms,
        _order(payment) if payment.kind == PaymentKind.REFUND else None,
        -payment.tip_fen,
    )


def _received(settlement: Settlement, payment: AnyRow) -> Happening:
    refund = payment.kind == PaymentKind.REFUND
    return Happening(
        payment.payee_wallet_id,
        PaymentKind.REFUND if refund else "received",
        payment.amount_fen,
        payment.description,
        settlement.outgoing.transaction_id,
        "settled",
        settlement.time_ms,
        _order(payment) if payment.kind == PaymentKind.ORDER else None,
        payment.tip_fen,
    )


def _order(payment: AnyRow) -> OrderName:
    return OrderName(payment.order_id, payment.order_number)


def _order_paid(settlement: Settlement, payment: AnyRow, home: int, paid_coin_id: bytes | None) -> dict[str, object]:
    return {
        "order": payment.order_id,
        "at_ms": settlement.time_ms,
        "identity": settlement.outgoing.transaction_id,
        "coin": paid_coin_id,
        "tip": payment.tip_fen,
        "from_home": home,
        "handle": payment.payment_id.hex(),
    }
