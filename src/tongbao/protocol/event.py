"""Events: what an institution tells of, by webhooks and by streams.

| kind | told to | data |
|---|---|---|
| `payment.settled`, `payment.failed` | the payer | `amount_fen`, `counterparty`, `transaction_id` |
| `payment.received` | the payee | the same |
| `order.created` | the merchant | `order_id`, `order_number`, `amount_fen`, `expires_at_ms` |
| `order.paid` | the merchant | `order_id`, `order_number`, `amount_fen`, `transaction_id` |
| `refund.settled`, `refund.failed` | the merchant who gives back | `order_id`, `order_number`, `amount_fen`, ... |
| `refund.received` | the wallet that had paid | `amount_fen`, `counterparty`, `transaction_id` |
| `deposit.settled`, `deposit.failed` | the wallet whose coins become deposit | `amount_fen`, `transaction_id` |
| `exchange.settled`, `exchange.failed` | the wallet whose deposit becomes coins | `amount_fen`, `transaction_id` |
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.wire import LedgerTime, Message, WalletId

__all__ = ["EventData", "EventKind", "EventMessage"]

EventData = dict[str, str | int | None]
"""What there is to say of an event, in words and whole numbers."""


class EventKind(StrEnum):
    """What happened. A kind keeps its name and its data for ever; new kinds are added."""

    PAYMENT_SETTLED = "payment.settled"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_RECEIVED = "payment.received"
    ORDER_CREATED = "order.created"
    ORDER_PAID = "order.paid"
    REFUND_SETTLED = "refund.settled"
    REFUND_FAILED = "refund.failed"
    REFUND_RECEIVED = "refund.received"
    DEPOSIT_SETTLED = "deposit.settled"
    DEPOSIT_FAILED = "deposit.failed"
    EXCHANGE_SETTLED = "exchange.settled"
    EXCHANGE_FAILED = "exchange.failed"


class EventMessage(Message):
    """One event. `event_id` grows with every event of the institution; `subject` is what it happened to, or ""."""

    event_id: Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]
    kind: EventKind
    wallet_id: WalletId
    subject: str
    time_ms: LedgerTime
    data: EventData
