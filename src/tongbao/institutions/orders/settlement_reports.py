"""A merchant's day: what came in and what went back, in three records that must agree.

Orders say what was paid, the wallet's history says what happened, and coins and signed transactions say what the ledger
settled. Whatever one of them has and another has not is a break, and the report names it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import sqlalchemy as sa

from tongbao.coin.transaction import Transaction
from tongbao.errors import RequestError
from tongbao.institutions.customers.history import SETTLED
from tongbao.institutions.orders.tables import tills
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, coins, history, merchants, orders, payments, transactions
from tongbao.protocol.settlement_report import (
    LineKind,
    SettlementBreak,
    SettlementLine,
    SettlementReport,
    SettlementTotals,
)

__all__ = ["SettlementReports"]

BREAKS_MAX: Final = 100
"""Named in a report; who has more has one reason for them all."""

_ASKED_AT_ONCE: Final = 500  # values of one IN, which SQLite bounds

_DAYS: Final = (date(1970, 1, 2), date(9999, 12, 30))
"""The first and the last day that begin and end within what times can say, in every time zone."""

_DAY: Final[tuple[sa.BindParameter[int], sa.BindParameter[int]]] = (sa.bindparam("from_ms"), sa.bindparam("last_ms"))
_PAYMENTS = (
    sa.select(
        orders,
        coins.c.value.label("coin_fen"),
        coins.c.lock_id.label("coin_lock_id"),
        coins.c.origin.label("coin_origin"),
    )
    .outerjoin(coins, coins.c.coin_id == orders.c.paid_coin_id)
    .where(orders.c.wallet_id == sa.bindparam("wallet"), orders.c.paid_ms.between(*_DAY))
    .order_by(orders.c.paid_ms, orders.c.number)
)
_REFUNDS = (
    sa.select(
        payments.c.order_id,
        payments.c.amount_fen,
        payments.c.lock_id,
        transactions.c.number,
        transactions.c.transaction_id,
        transactions.c.content,
        transactions.c.time_ms,
        orders.c.order_number,
        orders.c.till_id,
    )
    .join(transactions, transactions.c.subject == payments.c.payment_id)
    .join(orders, orders.c.order_id == payments.c.order_id)
    .where(
        payments.c.wallet_id == sa.bindparam("wallet"),
        payments.c.kind == PaymentKind.REFUND,
        transactions.c.state == SETTLED,
        transactions.c.time_ms.between(*_DAY),
    )
    .order_by(transactions.c.time_ms, transactions.c.number)
)
_REFUNDED = (
    sa.select(orders.c.order_id, orders.c.refunded_fen, sa.func.sum(payments.c.amount_fen).label("settled_fen"))
    .join(payments, payments.c.order_id == orders.c.order_id)
    .join(transactions, transactions.c.subject == payments.c.payment_id)
    .where(
        orders.c.order_id.in_(sa.bindparam("order_ids", expanding=True)),
        payments.c.kind == PaymentKind.REFUND,
        transactions.c.state == SETTLED,
    )
    .group_by(orders.c.order_id, orders.c.refunded_fen)
)
_RECEIVED = sa.select(history.c.transaction_id, history.c.amount_fen).where(
    history.c.wallet_id == sa.bindparam("wallet"),
    history.c.kind == "received",
    history.c.state == SETTLED,
    history.c.time_ms.between(*_DAY),
)
_FOR_ORDERS = (
    sa.select(payments.c.order_id, payments.c.amount_fen, transactions.c.transaction_id)
    .join(transactions, transactions.c.subject == payments.c.payment_id)
    .where(
        transactions.c.transaction_id.in_(sa.bindparam("transaction_ids", expanding=True)),
        payments.c.kind == PaymentKind.ORDER,
    )
)
_MERCHANT = sa.select(merchants.c.name).where(merchants.c.wallet_id == sa.bindparam("wallet"))
_TILLS = (
    sa.select(tills.c.till_id, tills.c.name).where(tills.c.wallet_id == sa.bindparam("wallet")).order_by(tills.c.number)
)


@dataclass(slots=True)
class _Sums:
    """What is added up of one till, or of all."""

    payments: int = 0
    amount_fen: int = 0
    tips_fen: int = 0
    refunds: int = 0
    refunded_fen: int = 0

    def message(self, till_id: bytes | None, name: str) -> SettlementTotals:
        return SettlementTotals(
            till_id=till_id,
            till_name=name,
            payments=self.payments,
            amount_fen=self.amount_fen,
            tips_fen=self.tips_fen,
            refunds=self.refunds,
            refunded_fen=self.refunded_fen,
            net_fen=self.amount_fen + self.tips_fen - self.refunded_fen,
        )


@dataclass(slots=True)
class _Day:
    """What is found of a day.

    Attributes:
        paid: orders, with their coins.
        refunds: settled ones.
        received: amounts by transaction, as the wallet's history has them.
        ledger_fen: see `SettlementReport`.
    """

    paid: Sequence[AnyRow]
    refunds: Sequence[AnyRow]
    received: dict[bytes, int]
    ledger_fen: int = 0
    breaks: list[SettlementBreak] = field(default_factory=list)

    def tell(self, order_id: bytes, reason: str, *, expected_fen: int, found_fen: int) -> None:
        found = SettlementBreak(order_id=order_id.hex(), expected_fen=expected_fen, found_fen=found_fen, reason=reason)
        self.breaks.append(found)


class SettlementReports:
    """Makes merchants' reports; nothing of them is kept."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def report(self, wallet_id: bytes, *, day: str | None, after: str, count: int) -> SettlementReport:
        """A day of the merchant, today unless one is named; its lines go on behind a cursor.

        Raises:
            RequestError: FORBIDDEN to who is no merchant, INVALID_FIELD for a day that is none.
        """
        policy, now_ms = self._premises.settings.policy, self._premises.ledger.time_ms
        chosen = policy.day_of(now_ms) if day is None else _read_day(day)
        place = _read_place(after)
        return await self._premises.ports.store.read(
            lambda connection: self._report(connection, wallet_id, chosen, place, count)
        )

    def _report(
        self, connection: sa.Connection, wallet_id: bytes, day: date, place: "_Place", count: int
    ) -> SettlementReport:
        name = connection.execute(_MERCHANT, {"wallet": wallet_id}).scalar_one_or_none()
        if name is None:
            raise RequestError(
                "the wallet is not a merchant's",
                code="FORBIDDEN",
                cure="register the wallet as a merchant's first (POST /v1/merchants)",
            )
        from_ms, until_ms = self._premises.settings.policy.span(day)
        wanted = {"wallet": wallet_id, "from_ms": from_ms, "last_ms": until_ms - 1}
        found = _found(connection, wanted)
        _hold_against_ledger(connection, found)
        by_till, total = _totals(found), _Sums()
        for sums in by_till.values():
            _add(total, sums)
        names: dict[bytes | None, str] = {row.till_id: row.name for row in connection.execute(_TILLS, wanted)}
        whole = total.message(None, "")
        lines = [(where, line) for where, line in _lines(found) if where > place]
        ledger = self._premises.ledger
        return SettlementReport(
            day=day.isoformat(),
            from_ms=from_ms,
            until_ms=until_ms,
            merchant_wallet_id=wallet_id,
            merchant_name=name,
            tills=[by_till[till].message(till, names.get(till, "")) for till in (None, *names) if till in by_till],
            total=whole,
            ledger_fen=found.ledger_fen,
            reconciled=found.ledger_fen == whole.net_fen and not found.breaks,
            breaks=found.breaks[:BREAKS_MAX],
            lines=[line for _, line in lines[:count]],
            next="" if len(lines) <= count else "-".join(str(part) for part in lines[count - 1][0]),
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )


_Place = tuple[int, int, int]
"""Of a line: its time, 0 for a payment and 1 for a refund, and its number."""

_START: Final[_Place] = (-1, 0, 0)


def _read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    first, last = _DAYS
    if not first <= day <= last:
        raise RequestError(
            f"{text} is no day", code="INVALID_FIELD", field="day", cure="write it as 2021-06-11, or leave it out"
        )
    return day


def _read_place(cursor: str) -> _Place:
    if not cursor:
        return _START
    parts = cursor.split("-")
    if len(parts) != len(_START) or not all(part.isascii() and part.isdecimal() for part in parts):
        raise RequestError(
            f"the cursor {cursor!r} is none of this report's",
            code="INVALID_FIELD",
            field="after",
            cure="hand back `next` as it came, or leave it out to begin at the start",
        )
    time_ms, kind, number = [int(part) for part in parts]
    return time_ms, kind, number


def _found(connection: sa.Connection, wanted: dict[str, object]) -> _Day:
    received: defaultdict[bytes, int] = defaultdict(int)
    for row in connection.execute(_RECEIVED, wanted):
        received[row.transaction_id] += row.amount_fen
    return _Day(connection.execute(_PAYMENTS, wanted).all(), connection.execute(_REFUNDS, wanted).all(), dict(received))


def _totals(found: _Day) -> dict[bytes | None, _Sums]:
    by_till: defaultdict[bytes | None, _Sums] = defaultdict(_Sums)
    for order in found.paid:
        _add(by_till[order.till_id], _Sums(1, order.amount_fen, order.tip_fen))
    for refund in found.refunds:
        _add(by_till[refund.till_id], _Sums(refunds=1, refunded_fen=refund.amount_fen))
    return by_till


def _add(sums: _Sums, more: _Sums) -> None:
    sums.payments += more.payments
    sums.amount_fen += more.amount_fen
    sums.tips_fen += more.tips_fen
    sums.refunds += more.refunds
    sums.refunded_fen += more.refunded_fen


def _lines(found: _Day) -> list[tuple[_Place, SettlementLine]]:
    paid = [((order.paid_ms, 0, order.number), _payment_line(order)) for order in found.paid]
    refunds = [((refund.time_ms, 1, refund.number), _refund_line(refund)) for refund in found.refunds]
    return sorted([*paid, *refunds], key=lambda each: each[0])


def _payment_line(order: AnyRow) -> SettlementLine:
    return SettlementLine(
        kind=LineKind.PAYMENT,
        time_ms=order.paid_ms,
        order_id=order.order_id.hex(),
        order_number=order.order_number,
        till_id=order.till_id,
        amount_fen=order.amount_fen,
        tip_fen=order.tip_fen,
        transaction_id=order.paid_transaction_id,
    )


def _refund_line(refund: AnyRow) -> SettlementLine:
    return SettlementLine(
        kind=LineKind.REFUND,
        time_ms=refund.time_ms,
        order_id=refund.order_id.hex(),
        order_number=refund.order_number,
        till_id=refund.till_id,
        amount_fen=-refund.amount_fen,
        tip_fen=0,
        transaction_id=refund.transaction_id,
    )


# --- against the ledger -----------------------------------------------------------------------------------------------


def _hold_against_ledger(connection: sa.Connection, found: _Day) -> None:
    for order in found.paid:
        _check_paid(order, found)
    for refund in found.refunds:
        _check_refund(refund, found)
    _check_refunded(connection, found)
    _check_received(connection, found)


def _check_paid(order: AnyRow, found: _Day) -> None:
    """The coin that paid the order lies on its lock, is of its transaction, and is worth amount and tip."""
    expected_fen, found_fen = order.amount_fen + order.tip_fen, order.coin_fen or 0
    of_order = (order.coin_lock_id, order.coin_origin) == (order.lock_id, order.paid_transaction_id)
    found.ledger_fen += found_fen if of_order else 0
    if not of_order:
        reason = "no coin on the order's lock is of the transaction that is said to have paid it"
        found.tell(order.order_id, reason, expected_fen=expected_fen, found_fen=0)
    elif found_fen != expected_fen:
        reason = "the coin that paid the order is worth something else than amount and tip"
        found.tell(order.order_id, reason, expected_fen=expected_fen, found_fen=found_fen)
    received_fen = found.received.get(order.paid_transaction_id, 0)
    if received_fen != expected_fen:
        reason = "the wallet's history has another amount for the transaction that paid the order"
        found.tell(order.order_id, reason, expected_fen=expected_fen, found_fen=received_fen)


def _check_refund(refund: AnyRow, found: _Day) -> None:
    """What the merchant signed gives back just what the books say."""
    outputs = Transaction.decode(refund.content).body.outputs
    returned_fen = sum(coin.value for coin in outputs if coin.lock_id == refund.lock_id)
    found.ledger_fen -= returned_fen
    if returned_fen != refund.amount_fen:
        reason = "the signed refund returns something else than the books say"
        found.tell(refund.order_id, reason, expected_fen=refund.amount_fen, found_fen=returned_fen)


def _check_refunded(connection: sa.Connection, found: _Day) -> None:
    """What an order counts as refunded is the sum of its refunds, on whatever days."""
    order_ids = dict.fromkeys(refund.order_id for refund in found.refunds)
    for some in _in_parts(list(order_ids)):
        for row in connection.execute(_REFUNDED, {"order_ids": some}):
            if row.refunded_fen != row.settled_fen:
                reason = "the order counts another sum as refunded than its refunds settled"
                found.tell(row.order_id, reason, expected_fen=row.refunded_fen, found_fen=int(row.settled_fen))


def _check_received(connection: sa.Connection, found: _Day) -> None:
    """No customer of this home paid an order that does not count as paid by it."""
    paid = {order.paid_transaction_id for order in found.paid}
    others = [transaction_id for transaction_id in found.received if transaction_id not in paid]
    for some in _in_parts(others):
        for row in connection.execute(_FOR_ORDERS, {"transaction_ids": some}):
            found.ledger_fen += row.amount_fen
            reason = "a settled payment of the order is not the one that it counts as paid by"
            found.tell(row.order_id, reason, expected_fen=0, found_fen=row.amount_fen)


def _in_parts(values: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(values), _ASKED_AT_ONCE):
        yield values[start : start + _ASKED_AT_ONCE]
