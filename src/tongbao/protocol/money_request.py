"""Money requests: a merchant or a person asks somebody for money, who finds the request at home and pays or declines.

    requester -> own home           POST /v1/money-requests              AskForMoney      -> MoneyRequest
      its home -> the payer's home  POST /v1/money-requests/deliveries   HomeMoneyRequest -> MoneyRequestDelivery
    payer -> own home               GET  /v1/money-requests?box=received                  -> MoneyRequestPage

Behind each request stands an order at the requester's home, whose id is the request's. To accept is to pay that order,
so a request is paid once at most, in part never, and not at all once it has expired or was cancelled.

A recall is a request for what the requester has paid to the wrong person: of one settled payment, once, in full. Both
homes hold `recall_of` against their books, and the person decides.

| request | by | answer |
|---|---|---|
| `POST /v1/money-requests` | a wallet | `MoneyRequest` |
| `POST /v1/recalls` | a wallet | `MoneyRequest` |
| `GET  /v1/money-requests?box=&after=&limit=` | a wallet | `MoneyRequestPage` |
| `GET  /v1/homes/{home}/money-requests/{request_id}` | the payer or the requester | `MoneyRequest` |
| `POST /v1/homes/{home}/money-requests/{request_id}/decline` | the payer | `MoneyRequest` |
| `POST /v1/money-requests/{request_id}/cancel` | the requester | `MoneyRequest` |
| `POST /v1/money-requests/deliveries` | the requester's home | `MoneyRequestDelivery` |
| `POST /v1/money-requests/news` | the home of the other party | `MoneyRequestDelivery` |
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from tongbao.protocol.order import ORDER_LIFE_MAX_S
from tongbao.protocol.wire import Cursor, Fen, Hash, Home, LedgerTime, Message, SequenceNumber, WalletId

__all__ = [
    "AskForMoney",
    "HomeMoneyRequest",
    "MoneyRequest",
    "MoneyRequestBox",
    "MoneyRequestCancellation",
    "MoneyRequestDecline",
    "MoneyRequestDelivery",
    "MoneyRequestNews",
    "MoneyRequestPage",
    "MoneyRequestState",
    "RecallRequest",
]

REQUEST_LIFE_S = 7 * 86_400
"""A week: people look into their wallets now and then."""

_Address = Annotated[str, Field(max_length=90)]
_Code = Annotated[str, Field(max_length=64)]
_Description = Annotated[str, Field(max_length=256)]
_Reason = Annotated[str, Field(max_length=256)]
_RequestId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class AskForMoney(Message):
    """Ask a wallet for money, by its address or by the payment code that it shows.

    Exactly one of the two is given. The same `request_number` with the same content is the same request.
    """

    address: _Address | None = None
    payment_code: _Code | None = None
    amount_fen: Fen
    request_number: Annotated[str, Field(min_length=1, max_length=64)]
    description: _Description = ""
    expires_in_s: Annotated[int, Field(ge=1, le=ORDER_LIFE_MAX_S)] = REQUEST_LIFE_S


class RecallRequest(Message):
    """Ask a person for a payment back; however often it is asked, it is one request, and a declined one stays so."""

    payment_id: Annotated[str, Field(min_length=1, max_length=64)]
    reason: _Reason = ""


class MoneyRequestBox(StrEnum):
    """Which requests to list."""

    RECEIVED = "received"
    SENT = "sent"


class MoneyRequestState(StrEnum):
    """What became of a request."""

    OPEN = "open"
    PAID = "paid"
    DECLINED = "declined"
    """The payer has said no; the requester may ask again."""
    CANCELLED = "cancelled"
    """The requester has taken it back."""
    EXPIRED = "expired"


class MoneyRequest(Message):
    """A request as the payer or the requester sees it; `link` is that of the order to be paid.

    `recall_of` is the transaction by which the payer has received what he is asked to give back; null in all others.

    Of the payer the requester learns nothing but what became of the request; who asked by a payment code does not
    learn the address. `payment_code` is the code by which the payer was asked.
    """

    request_id: str
    home: Home
    requester_wallet_id: WalletId
    requester_name: str
    payer_address: str
    payment_code: str
    amount_fen: Fen
    description: str
    state: MoneyRequestState
    reason: str
    expires_at_ms: LedgerTime
    link: str
    recall_of: Hash | None
    sequence: SequenceNumber
    time_ms: LedgerTime


class MoneyRequestPage(Message):
    """Requests that a wallet has received or sent, newest first."""

    requests: list[MoneyRequest]
    next: Cursor


class MoneyRequestDecline(Message):
    """Say no, and why if one likes."""

    reason: _Reason = ""


class MoneyRequestCancellation(Message):
    """Take a request back; there is nothing to say about it."""


class HomeMoneyRequest(Message):
    """A home brings a request to the payer's home, by address or by payment code."""

    request_id: _RequestId
    requester_home: Home
    requester_wallet_id: WalletId
    requester_name: Annotated[str, Field(min_length=1, max_length=128)]
    address: _Address | None = None
    payment_code: _Code | None = None
    amount_fen: Fen
    description: _Description
    expires_at_ms: LedgerTime
    recall_of: Hash | None = None


class MoneyRequestNews(Message):
    """A home tells the other party's home what became of a request that lies at `request_home`."""

    teller_home: Home
    request_home: Home
    request_id: _RequestId
    state: Literal[MoneyRequestState.DECLINED, MoneyRequestState.CANCELLED]
    reason: _Reason = ""


class MoneyRequestDelivery(Message):
    """The other home has it."""

    request_id: str
    sequence: SequenceNumber
    time_ms: LedgerTime
