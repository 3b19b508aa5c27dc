"""Hosted checkouts: orders with the addresses that their payers are sent back to."""

from typing import Final

import sqlalchemy as sa

from tongbao.errors import RequestError
from tongbao.institutions.orders.openness import order_unknown
from tongbao.institutions.orders.orders import OrderMaker, Orders, read_order_id
from tongbao.institutions.orders.tables import checkouts
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.checkout import Checkout, CheckoutRequest
from tongbao.protocol.order import Order, OrderState

__all__ = ["Checkouts"]

_BY_ID = sa.select(checkouts).where(checkouts.c.order_id == sa.bindparam("order"))
_INSERT = sa.insert(checkouts)

_PAID: Final = frozenset({OrderState.PAID, OrderState.REFUNDED})
_GONE: Final = frozenset({OrderState.CANCELLED, OrderState.EXPIRED})


class Checkouts:
    """Makes checkouts and describes them."""

    def __init__(self, premises: Premises, orders: Orders) -> None:
        self._premises = premises
        self._orders = orders

    async def create(self, maker: OrderMaker, request: CheckoutRequest) -> Checkout:
        """A new checkout, or the same one again for the same order and addresses.

        Raises:
            RequestError: CONFLICT where the number is that of another order, or of one with other addresses.
        """
        order_id = self._orders.order_id(maker, request.order.order_number)
        urls = (request.success_url, request.cancel_url)

        def create(connection: sa.Connection) -> Order:
            merchant = self._orders.merchants.demand(connection, maker.wallet_id)
            order = self._orders.create_within(connection, maker, order_id, request.order, merchant=merchant)
            known = connection.execute(_BY_ID, {"order": order_id}).one_or_none()
            if known is None:
                row = {"order_id": order_id, "wallet_id": maker.wallet_id}
                connection.execute(_INSERT, {**row, "success_url": urls[0], "cancel_url": urls[1]})
            elif (known.success_url, known.cancel_url) != urls:
                raise RequestError(
                    f"the checkout of order {request.order.order_number} exists with other addresses",
                    code="CONFLICT",
                    field="success_url",
                    cure="give a new order a new number",
                )
            return order

        return _checkout(await self._premises.ports.store.write(create), *urls)

    async def find(self, order_id: str) -> Checkout:
        """The checkout of an order; raises NOT_FOUND where the order has none."""
        identity = read_order_id(order_id)

        def read(connection: sa.Connection) -> AnyRow | None:
            return connection.execute(_BY_ID, {"order": identity}).one_or_none()

        row = await self._premises.ports.store.read(read)
        if row is None:
            raise order_unknown()
        return _checkout(await self._orders.find(order_id), row.success_url, row.cancel_url)


def _checkout(order: Order, success_url: str, cancel_url: str) -> Checkout:
    return_url = success_url if order.state in _PAID else cancel_url if order.state in _GONE else None
    return Checkout(order=order, success_url=success_url, cancel_url=cancel_url, return_url=return_url)
