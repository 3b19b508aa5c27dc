"""Whether an order may still be paid, amended or cancelled, and if not, why.

Everything here runs inside a write of the store, so that what is found holds until it has been acted upon.
"""

import sqlalchemy as sa

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.requests.tables import sent_requests
from tongbao.institutions.tables import AnyRow, payments, transactions
from tongbao.statements import Statement

__all__ = ["demand_free", "demand_open", "demand_unasked", "demand_unpaid", "order_unknown"]

_ON_THE_WAY = Statement(
    sa.select(transactions.c.number)
    .join(payments, payments.c.payment_id == transactions.c.subject)
    .where(
        transactions.c.open == 1,
        payments.c.anchor == sa.bindparam("by_anchor"),
        payments.c.order_id == sa.bindparam("order"),
    )
    .limit(1)
)
_ASKED = sa.select(sent_requests.c.number).where(sent_requests.c.order_id == sa.bindparam("order"))


def order_unknown() -> RequestError:
    """There is no such order here."""
    return RequestError(
        "this institution has no such order", code="NOT_FOUND", field="order_id", cure="ask the shop for its link again"
    )


def demand_unpaid(order: AnyRow) -> None:
    """Return unless the order has been paid."""
    if order.paid_ms is not None:
        raise RefusedError(
            "the order is paid already",
            code="ORDER_PAID",
            field="order_id",
            cure="nothing is to be paid; what was paid can be refunded",
        )


def demand_open(order: AnyRow, *, now_ms: int) -> None:
    """Return if the order may be paid at this ledger time."""
    demand_unpaid(order)
    if order.cancelled_ms is not None:
        raise RefusedError(
            "the shop has cancelled the order",
            code="ORDER_CANCELLED",
            field="order_id",
            cure="ask the shop for a new order",
        )
    if now_ms > order.expires_ms:
        raise RefusedError(
            "the order has expired", code="ORDER_EXPIRED", field="order_id", cure="ask the shop for a new order"
        )


def demand_unasked(connection: sa.Connection, order: AnyRow) -> None:
    """Return unless somebody was asked for the money by name: what a payer has been shown must stay what it is."""
    if connection.execute(_ASKED, {"order": order.order_id}).first() is not None:
        raise RefusedError(
            "somebody was asked to pay just this order",
            code="ORDER_RESERVED",
            field="order_id",
            cure="cancel the request, and ask for another amount",
        )


def demand_free(connection: sa.Connection, order: AnyRow, *, seen_ms: int) -> None:
    """Return unless somebody has the order: until nothing of his can settle any more, it stays as it is.

    `seen_ms` is the ledger time up to which every coin is known that came to this home.
    """
    if order.anchor is None:
        return
    row = {"by_anchor": order.anchor, "order": order.order_id}
    lapsed = seen_ms > order.anchor_expiry_ms
    if not lapsed or _ON_THE_WAY.first(connection, row) is not None:
        raise RefusedError(
            "another payment for this order is on its way",
            code="ORDER_RESERVED",
            field="order_id",
            cure="pay with the coin that was named first, or wait until that attempt has expired",
        )
