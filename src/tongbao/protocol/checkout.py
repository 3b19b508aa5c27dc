"""Hosted checkout: an order with addresses that its payer is sent back to, for shops that show no codes themselves.

| request | by | answer |
|---|---|---|
| `POST /v1/checkouts` | a merchant's wallet, or a till of it | `Checkout` |
| `GET  /v1/checkouts/{order_id}` | whoever knows the id | `Checkout` |

A checkout is open for as long as its order is; amending and cancelling are the order's. `return_url` says where the
payer belongs now: nowhere while the order is open, `success_url` once it is paid, `cancel_url` where it never will be.
Whoever comes to `success_url` has proven nothing by coming: a shop asks for the order, or waits to be told, before it
hands anything over.
"""

from typing import Annotated, Final

from pydantic import Field

from tongbao.protocol.order import Order, OrderRequest
from tongbao.protocol.wire import Message

__all__ = ["Checkout", "CheckoutRequest", "CheckoutUrl"]

# The longest that browsers and proxies are known to take.
URL_LENGTH_MAX: Final = 2_000

CheckoutUrl = Annotated[
    str,
    Field(
        max_length=URL_LENGTH_MAX,
        pattern=r"^https?://[0-9A-Za-z.\[\]:-]+(/[!-~]*)?$",
        examples=["https://shop.example/done"],
    ),
]


class CheckoutRequest(Message):
    """Ask for money, and say where the payer is sent afterwards; order number and content as those of an order."""

    order: OrderRequest
    success_url: CheckoutUrl
    cancel_url: CheckoutUrl


class Checkout(Message):
    """A checkout; its `order` has the state and the link that a wallet pays."""

    order: Order
    success_url: str
    cancel_url: str
    return_url: str | None
