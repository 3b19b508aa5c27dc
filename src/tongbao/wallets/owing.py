"""Whether something is owed at all: asked where coins are short, so that nobody gets coins for what needs no payment.

A home says all this when it prepares a payment, but preparing takes a coin for its anchor, and there may be none.
"""

from tongbao.errors import BusyError, NetworkError, PeerError, RefusedError
from tongbao.protocol.order import Order, OrderState
from tongbao.wallets.home import Home
from tongbao.wallets.payment import Intent

__all__ = ["demand_owed"]


async def demand_owed(intent: Intent, home: Home) -> None:
    """Return unless an order tells that the payment would be refused however many coins there were.

    Raises:
        RefusedError: `ORDER_PAID`, `ORDER_CANCELLED`, `ORDER_EXPIRED`, `ORDER_UNPAID`, `REFUND_TOO_MUCH`, as the
            home refuses to prepare.
        RequestError: there is no such order.
    """
    payee = intent.payee
    try:
        if payee.order_id is not None and payee.home is not None:
            _demand_payable(await home.order(payee.order_id, home=payee.home))
        elif payee.refund_of is not None:
            _demand_refundable(await home.order(payee.refund_of, home=home.number), amount_fen=intent.amount_fen)
    except (NetworkError, BusyError, PeerError):
        return  # that coins are short is true all the same


def _demand_payable(order: Order) -> None:
    if order.state is OrderState.CANCELLED:
        raise RefusedError(
            "the shop has cancelled the order",
            code="ORDER_CANCELLED",
            field="order_id",
            cure="ask the shop for a new order",
        )
    if order.state is OrderState.EXPIRED:
        raise RefusedError(
            "the order has expired", code="ORDER_EXPIRED", field="order_id", cure="ask the shop for a new order"
        )
    if order.state is not OrderState.OPEN:
        raise RefusedError(
            "the order is paid already", code="ORDER_PAID", field="order_id", cure="nothing is to be paid"
        )


def _demand_refundable(order: Order, *, amount_fen: int) -> None:
    if order.state in {OrderState.OPEN, OrderState.EXPIRED, OrderState.CANCELLED}:
        raise RefusedError(
            "the order has not been paid", code="ORDER_UNPAID", field="refund_of", cure="nothing is owed"
        )
    left_fen = order.amount_fen + order.tip_fen - order.refunded_fen
    if amount_fen > left_fen:
        raise RefusedError(
            f"{amount_fen} fen is more than the {left_fen} fen left of what was paid",
            code="REFUND_TOO_MUCH",
            field="amount_fen",
            cure="refund at most what was paid and has not been refunded",
        )
