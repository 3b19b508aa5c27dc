"""Orders: what a merchant asks to be paid.

| request | by | answer |
|---|---|---|
| `POST /v1/merchants` | a wallet | `Merchant` |
| `POST /v1/orders` | a merchant's wallet, or a till of it | `Order` |
| `GET  /v1/orders/{order_id}` | whoever knows the id | `Order` |
| `POST /v1/orders/{order_id}/amend` | the merchant's wallet, or the till that made the order | `Order` |
| `POST /v1/orders/{order_id}/cancel` | the merchant's wallet, or the till that made the order | `Order` |
| `GET  /v1/orders?after=&limit=` | a merchant's wallet, or a till for its own | `OrderPage` |
| `GET  /v1/homes/{home}/orders/{order_id}` | a wallet, through its own home | `Order` |

An order is open until it is paid, cancelled or expired. While a payment of it is being prepared or on its way it is
reserved for that payment, and neither amended nor cancelled: until the preparation has expired, money may come.

A payer may add a tip where the order allows one. The payment is then of amount and tip together, and every view shows
the tip apart: what is owed is `amount_fen`, what was given on top is `tip_fen`.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.refund import AT_ONCE, RefundPolicy
from tongbao.protocol.wire import Cursor, Fen, FenOrNone, Home, LedgerTime, Message, SequenceNumber, TillId, WalletId

__all__ = [
    "Merchant",
    "MerchantRequest",
    "Order",
    "OrderAmendment",
    "OrderCancellation",
    "OrderPage",
    "OrderRequest",
    "OrderState",
]

ORDER_LIFE_MAX_S = 30 * 86_400


class MerchantRequest(Message):
    """Let the asking wallet take orders under a shop's name; `category` is an ISO 18245 merchant category."""

    name: Annotated[str, Field(min_length=1, max_length=128)]
    category: Annotated[str, Field(pattern=r"^[0-9]{4}$")] = "5999"


class Merchant(Message):
    """A merchant."""

    wallet_id: WalletId
    name: str
    category: str


_Description = Annotated[str, Field(max_length=256)]
_Life = Annotated[int, Field(ge=1, le=ORDER_LIFE_MAX_S)]


class OrderRequest(Message):
    """Ask for money. The same `order_number` of the same merchant or till with the same content is the same order.

    `tip_fen_max` is the most that the payer may add as a tip; 0 for a shop that takes none.
    """

    amount_fen: Fen
    order_number: Annotated[str, Field(min_length=1, max_length=64)]
    description: _Description = ""
    expires_in_s: _Life = 900
    tip_fen_max: FenOrNone = 0


class OrderAmendment(Message):
    """Change an order that nobody has paid; what is left out stays. `expires_in_s` counts from the change on."""

    amount_fen: Fen | None = None
    description: _Description | None = None
    expires_in_s: _Life | None = None
    tip_fen_max: FenOrNone | None = None


class OrderCancellation(Message):
    """Take an order back that nobody has paid; there is nothing to say about it."""


class OrderState(StrEnum):
    """How far an order is."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    """In full, the tip included; `refunded_fen` tells of parts."""


class Order(Message):
    """An order as anyone who knows its id sees it; `till_id` is that of the till that made it, if one did.

    `refund_policy` is the merchant's as it was when the order was made, and stays so.
    """

    order_id: str
    order_number: str
    home: Home
    merchant_wallet_id: WalletId
    merchant_name: str
    till_id: TillId | None = None
    amount_fen: Fen
    tip_fen_max: int = 0
    tip_fen: int = 0
    refunded_fen: int
    refund_policy: RefundPolicy = AT_ONCE
    description: str
    state: OrderState
    expires_at_ms: LedgerTime
    paid_at_ms: LedgerTime | None
    link: str
    sequence: SequenceNumber
    time_ms: LedgerTime


class OrderPage(Message):
    """A merchant's orders, newest first."""

    orders: list[Order]
    next: Cursor
