"""Whether an order may still be paid, amended or cancelled, and if not, why.

Everything here runs inside a write of the store, so that what is found holds until it has been acted upon.
"""

from typing import Final

import sqlalchemy as sa

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.orders.tables import tills
from tongbao.institutions.requests.tables import sent_requests
from tongbao.institutions.tables import AnyRow, orders, payments, transactions
from tongbao.statements import Statement

__all__ = [
    "demand_free",
    "demand_not_wanted_back",
    "demand_open",
    "demand_till_open",
    "demand_unasked",
    "demand_unpaid",
    "order_unknown",
    "till_closed",
    "want_back",
]

WANTED_BACK_MS: Final = 60_000
"""How long a shop that was refused a change has the order to itself, once the payer who holds it can no longer pay."""

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
_WANT_BACK = Statement(
    sa.update(orders)
    .where(orders.c.order_id == sa.bindparam("order"), orders.c.anchor_expiry_ms.is_not(None))
    .values(wanted_back_ms=orders.c.anchor_expiry_ms + sa.bindparam("moment_ms"))
)
_TILL = Statement(sa.select(tills.c.closed_ms).where(tills.c.till_id == sa.bindparam("till")))
_ASKED = sa.select(sent_requests.c.number).where(sent_requests.c.order_id == sa.bindparam("order"))


def order_unknown() -> RequestError:
    """There is no such order here."""
    return RequestError(
        "this institution has no such order", code="NOT_FOUND", field="order_id", cure="ask the shop for its link again"
    )


def demand_till_open(connection: sa.Connection, till_id: bytes | None) -> None:
    """Return unless a till asks that was closed, also a moment ago, while its request was on its way here."""
    if till_id is None:
        return
    till = _TILL.first(connection, {"till": till_id})
    if till is None or till.closed_ms is not None:
        raise till_closed()


def till_closed() -> RefusedError:
    """A closed till makes and changes no orders."""
    return RefusedError(
        "the till is closed", code="TILL_CLOSED", field="till_id", cure="let the merchant open another till"
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


def want_back(connection: sa.Connection, order_id: bytes) -> None:
    """The shop was refused a change: whoever has the order may pay it still, and nobody may begin anew meanwhile."""
    _WANT_BACK.run(connection, {"order": order_id, "moment_ms": WANTED_BACK_MS})


def demand_not_wanted_back(order: AnyRow, *, now_ms: int) -> None:
    """Return unless the shop waits to change the order: by asking anew again and again nobody holds it for ever."""
    if order.wanted_back_ms is not None and now_ms <= order.wanted_back_ms:
        raise RefusedError(
            "the shop is about to change the order",
            code="ORDER_RESERVED",
            field="order_id",
            cure="ask the shop what it is to be, or try again in some minutes",
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
