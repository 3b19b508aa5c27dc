"""Events: what an institution tells of, by webhooks and by streams.

| request | by | answer |
|---|---|---|
| `GET  /v1/wallets/{wallet_id}/events?after=&limit=&wait_s=` | the wallet | `EventPage` |
| `GET  /v1/orders/{order_id}/events?wait_s=` | whoever knows the id | `EventStream` |

Every kind, with its data, stands in docs/reference/events.md.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.wire import Cursor, LedgerTime, Message, WalletId

__all__ = ["EventData", "EventKind", "EventMessage", "EventPage"]

EventData = dict[str, str | int | None]
"""What there is to say of an event, in words and whole numbers."""


class EventKind(StrEnum):
    """What happened. A kind keeps its name and its data for ever; new kinds are added."""

    PAYMENT_SETTLED = "payment.settled"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_RECEIVED = "payment.received"
    ORDER_CREATED = "order.created"
    ORDER_AMENDED = "order.amended"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_EXPIRED = "order.expired"
    ORDER_PAID = "order.paid"
    REFUND_SETTLED = "refund.settled"
    REFUND_FAILED = "refund.failed"
    REFUND_RECEIVED = "refund.received"
    REFUND_OFFERED = "refund.offered"
    REFUND_ACCEPTED = "refund.accepted"
    REFUND_DECLINED = "refund.declined"
    REFUND_LAPSED = "refund.lapsed"
    REFUND_WITHDRAWN = "refund.withdrawn"
    DEPOSIT_SETTLED = "deposit.settled"
    DEPOSIT_FAILED = "deposit.failed"
    EXCHANGE_SETTLED = "exchange.settled"
    EXCHANGE_FAILED = "exchange.failed"
    MONEY_REQUEST_RECEIVED = "money_request.received"
    MONEY_REQUEST_DECLINED = "money_request.declined"
    MONEY_REQUEST_CANCELLED = "money_request.cancelled"
    POCKET_FILLED = "pocket.filled"
    POCKET_FAILED = "pocket.failed"
    POCKET_RECEIVED = "pocket.received"
    POCKET_TAKEN = "pocket.taken"
    WEBHOOK_DISABLED = "webhook.disabled"


class EventMessage(Message):
    """One event. `event_id` grows with every event of the institution; `subject` is what it happened to, or ""."""

    event_id: Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]
    kind: EventKind
    wallet_id: WalletId
    subject: str
    time_ms: LedgerTime
    data: EventData


class EventPage(Message):
    """Events, oldest first; `next` is where to go on, also where nothing new has happened."""

    events: list[EventMessage]
    next: Cursor
