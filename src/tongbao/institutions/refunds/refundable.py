"""What of a paid order may still be given back: never more than was paid, offers included.

Everything here runs inside a read or a write of the store.
"""

import sqlalchemy as sa

from tongbao.errors import RefusedError
from tongbao.institutions.orders.openness import order_unknown
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.refunds.tables import offered_refunds
from tongbao.institutions.tables import AnyRow, orders, payments, transactions
from tongbao.protocol.refund import RefundSilence, RefundState

__all__ = ["ON_ITS_WAY", "left_fen", "paid_order"]

_PAID_ORDER = sa.select(
    orders.c.order_id,
    orders.c.wallet_id,
    orders.c.amount_fen,
    orders.c.tip_fen,
    orders.c.paid_ms,
    orders.c.paid_transaction_id,
    orders.c.payer_home,
    orders.c.payer_handle,
    orders.c.order_number,
    orders.c.refund_answer_s,
    orders.c.refund_unanswered,
).where(orders.c.order_id == sa.bindparam("order"))
ON_ITS_WAY = sa.or_(
    sa.and_(transactions.c.state.is_not(None), transactions.c.state != "absent"),
    sa.and_(transactions.c.state.is_(None), payments.c.expiry_ms >= sa.bindparam("now_ms")),
)
"""Of payments joined with their transactions: it has settled or may still. Signed ones unless proven absent, and
prepared ones until they expire."""

# The payment of an open offer is counted with the offer.
_OF_OPEN_OFFER = sa.exists().where(
    offered_refunds.c.payment_id == payments.c.payment_id,
    offered_refunds.c.state.in_((RefundState.OFFERED.value, RefundState.ACCEPTED.value)),
)
_REFUNDING = (
    sa.select(sa.func.coalesce(sa.func.sum(payments.c.amount_fen), 0))
    .outerjoin(transactions, transactions.c.subject == payments.c.payment_id)
    .where(
        payments.c.order_id == sa.bindparam("order"),
        payments.c.kind == PaymentKind.REFUND,
        ON_ITS_WAY,
        sa.not_(_OF_OPEN_OFFER),
    )
)
_OFFERED = (
    sa.select(sa.func.coalesce(sa.func.sum(offered_refunds.c.amount_fen), 0))
    .join(orders, orders.c.order_id == offered_refunds.c.order_id)
    .where(
        offered_refunds.c.order_id == sa.bindparam("order"),
        offered_refunds.c.refund_id != sa.bindparam("besides"),
        sa.or_(
            offered_refunds.c.state == RefundState.ACCEPTED.value,
            sa.and_(
                offered_refunds.c.state == RefundState.OFFERED.value,
                sa.or_(
                    offered_refunds.c.answer_by_ms.is_(None),
                    offered_refunds.c.answer_by_ms >= sa.bindparam("now_ms"),
                    orders.c.refund_unanswered == RefundSilence.RETURNS.value,
                ),
            ),
        ),
    )
)


def paid_order(connection: sa.Connection, order_id: bytes, wallet_id: bytes) -> AnyRow:
    """The merchant's own order, if it has been paid.

    Raises:
        RequestError: NOT_FOUND.
        RefusedError: ORDER_UNPAID.
    """
    order = connection.execute(_PAID_ORDER, {"order": order_id}).one_or_none()
    if order is None or order.wallet_id != wallet_id:
        raise order_unknown()
    if order.paid_ms is None:
        raise RefusedError(
            "the order has not been paid", code="ORDER_UNPAID", field="payee.refund_of", cure="nothing is owed"
        )
    return order


def left_fen(connection: sa.Connection, order: AnyRow, *, now_ms: int, besides: bytes = b"") -> int:
    """What is neither refunded nor may still be, nor offered but by the offer `besides`."""
    wanted = {"order": order.order_id, "now_ms": now_ms}
    refunding = int(connection.execute(_REFUNDING, wanted).scalar_one())
    offered = int(connection.execute(_OFFERED, {**wanted, "besides": besides}).scalar_one())
    return int(order.amount_fen + order.tip_fen) - refunding - offered
