"""Orders: what a merchant asks to be paid.

| request | by | answer |
|---|---|---|
| `POST /v1/merchants` | a wallet | `Merchant` |
| `POST /v1/orders` | a merchant's wallet | `Order` |
| `GET  /v1/orders/{order_id}` | whoever knows the id | `Order` |
| `GET  /v1/orders?after=&limit=` | a merchant's wallet | `OrderPage` |
| `GET  /v1/homes/{home}/orders/{order_id}` | a wallet, through its own home | `Order` |
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.wire import Cursor, Fen, Home, LedgerTime, Message, SequenceNumber, WalletId

__all__ = ["Merchant", "MerchantRequest", "Order", "OrderPage", "OrderRequest", "OrderState"]

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


class OrderRequest(Message):
    """Ask for money. The same `order_number` of the same merchant with the same content is the same order."""

    amount_fen: Fen
    order_number: Annotated[str, Field(min_length=1, max_length=64)]
    description: Annotated[str, Field(max_length=256)] = ""
    expires_in_s: Annotated[int, Field(ge=1, le=ORDER_LIFE_MAX_S)] = 900


class OrderState(StrEnum):
    """How far an order is."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    """In full; `refunded_fen` tells of parts."""


class Order(Message):
    """An order as anyone who knows its id sees it."""

    order_id: str
    order_number: str
    home: Home
    merchant_wallet_id: WalletId
    merchant_name: str
    amount_fen: Fen
    refunded_fen: int
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
