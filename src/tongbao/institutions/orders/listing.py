"""Which of a merchant's orders are wanted: the states that orders have, and the other filters of a listing."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.institutions.tables import AnyRow, orders
from tongbao.protocol.order import OrderState

__all__ = ["EVERY_ORDER", "OrderFilter", "state_of"]

_PAID = orders.c.paid_ms.is_not(None)
_REFUNDED = orders.c.refunded_fen == orders.c.amount_fen + orders.c.tip_fen
_WAITS = sa.and_(orders.c.paid_ms.is_(None), orders.c.cancelled_ms.is_(None))


def state_of(row: AnyRow, *, now_ms: int) -> OrderState:
    """How far an order is."""
    if row.paid_ms is not None:
        return OrderState.REFUNDED if row.refunded_fen == row.amount_fen + row.tip_fen else OrderState.PAID
    if row.cancelled_ms is not None:
        return OrderState.CANCELLED
    return OrderState.EXPIRED if now_ms > row.expires_ms else OrderState.OPEN


def _in_state(state: OrderState, now_ms: int) -> sa.ColumnElement[bool]:
    """The same for the database."""
    match state:
        case OrderState.REFUNDED:
            return sa.and_(_PAID, _REFUNDED)
        case OrderState.PAID:
            return sa.and_(_PAID, sa.not_(_REFUNDED))
        case OrderState.CANCELLED:
            return sa.and_(orders.c.paid_ms.is_(None), orders.c.cancelled_ms.is_not(None))
        case OrderState.EXPIRED:
            return sa.and_(_WAITS, orders.c.expires_ms < now_ms)
        case OrderState.OPEN:
            return sa.and_(_WAITS, orders.c.expires_ms >= now_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Only orders that are all of this; what is None is not asked.

    Attributes:
        state: in that state as of now.
        order_number: with that number of the merchant's or a till's.
        till_id: of that till.
        paid_from_ms: paid at that ledger time or later.
        paid_until_ms: paid before that ledger time.
    """

    state: OrderState | None = None
    order_number: str | None = None
    till_id: bytes | None = None
    paid_from_ms: int | None = None
    paid_until_ms: int | None = None

    def conditions(self, *, now_ms: int) -> Iterator[sa.ColumnElement[bool]]:
        """What the database must find true of an order."""
        if self.state is not None:
            yield _in_state(self.state, now_ms)
        if self.order_number is not None:
            yield orders.c.order_number == self.order_number
        if self.till_id is not None:
            yield orders.c.till_id == self.till_id
        if self.paid_from_ms is not None:
            yield orders.c.paid_ms >= self.paid_from_ms
        if self.paid_until_ms is not None:
            yield orders.c.paid_ms < self.paid_until_ms


EVERY_ORDER = OrderFilter()
