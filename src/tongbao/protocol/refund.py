"""Refunds that the payer is asked about: offered by the merchant, answered by the payer, then carried out or not.

    merchant -> own home             POST /v1/refunds               RefundOffer -> Refund
      its home -> the payer's home   POST /v1/refunds/deliveries    HomeRefund  -> RefundDelivery
    payer -> own home                POST /v1/homes/{home}/refunds/{refund_id}/answer   RefundAnswer -> Refund
      its home -> the shop's home    POST /v1/refunds/answers       HomeRefundAnswer -> Refund
    merchant's wallet                prepares and signs a payment of `refund_id`  (tongbao.protocol.payment)

Whether a merchant's refunds go out at once or are offered is the merchant's refund policy. It stands in each order as
it was when the order was made, and counts for that order for ever. What is offered is kept at the shop's home, which
alone decides what became of it: an answer counts once it has it. Where the payer does not answer in time, silence means
what the policy says: consent, or the end of the offer.

Only the merchant's wallet can move the merchant's coins. So an offer that is accepted, by word or by silence, is owed,
and the merchant's wallet pays it when it is in use the next time; nobody can do so for it.

| request | by | answer |
|---|---|---|
| `POST /v1/refund-policy` | a merchant's wallet | `RefundPolicy` |
| `GET  /v1/refund-policy` | a merchant's wallet | `RefundPolicy` |
| `POST /v1/refunds` | a merchant's wallet | `Refund` |
| `GET  /v1/refunds?box=&after=&limit=` | a wallet | `RefundPage` |
| `GET  /v1/refunds/{refund_id}` | whoever knows the id | `Refund` |
| `POST /v1/refunds/{refund_id}/withdraw` | the merchant | `Refund` |
| `POST /v1/homes/{home}/refunds/{refund_id}/answer` | the payer | `Refund` |
| `POST /v1/refunds/deliveries` | the shop's home | `RefundDelivery` |
| `POST /v1/refunds/answers` | the payer's home | `Refund` |
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from tongbao.protocol.wire import Cursor, Fen, Home, LedgerTime, Message, SequenceNumber, WalletId

__all__ = [
    "ANSWER_MAX_S",
    "ANSWER_MIN_S",
    "AT_ONCE",
    "HomeRefund",
    "HomeRefundAnswer",
    "Refund",
    "RefundAnswer",
    "RefundBox",
    "RefundDecision",
    "RefundDelivery",
    "RefundOffer",
    "RefundPage",
    "RefundPolicy",
    "RefundSilence",
    "RefundState",
    "RefundWithdrawal",
]

ANSWER_MIN_S: Final = 60
"""Shorter than this nobody has looked into a wallet, and silence means nothing."""

ANSWER_MAX_S: Final = 90 * 86_400
"""What an offer holds of the payment is held as long; a quarter is what shops' own terms reach."""

_Reason = Annotated[str, Field(max_length=256)]
_Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class RefundSilence(StrEnum):
    """What it means that a payer does not answer in time."""

    RETURNS = "returns"
    """Consent: the refund is owed."""
    LAPSES = "lapses"
    """No: the offer is over, and the merchant may make another."""


class RefundPolicy(Message):
    """How a merchant refunds. Where `answer_within_s` is null refunds go out at once, and nobody is asked.

    Else the payer is asked and has so many seconds to answer; `unanswered` says what silence means.
    """

    answer_within_s: Annotated[int, Field(ge=ANSWER_MIN_S, le=ANSWER_MAX_S)] | None = None
    unanswered: RefundSilence = RefundSilence.RETURNS


AT_ONCE: Final = RefundPolicy()
"""The policy of whoever has set none."""


class RefundOffer(Message):
    """Offer a refund of all or a part of what was paid; without `amount_fen`, of all that is left.

    The same `refund_number` of one order with the same content is the same offer.
    """

    order_id: Annotated[str, Field(min_length=1, max_length=64)]
    amount_fen: Fen | None = None
    refund_number: Annotated[str, Field(min_length=1, max_length=64)]
    reason: _Reason = ""


class RefundState(StrEnum):
    """How far a refund that was offered is."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    """Owed: by the payer's word, or by silence. The merchant's wallet has yet to pay it."""
    RETURNED = "returned"
    """Paid."""
    DECLINED = "declined"
    LAPSED = "lapsed"
    """Nobody answered in time, and silence means no."""
    WITHDRAWN = "withdrawn"
    """The merchant took the offer back before anybody answered."""


class RefundDecision(StrEnum):
    """Who decided; nobody as long as it is open."""

    NOBODY = ""
    PAYER = "payer"
    SILENCE = "silence"


class RefundBox(StrEnum):
    """Which refunds to list."""

    RECEIVED = "received"
    """Those that others offer the asking wallet."""
    OFFERED = "offered"
    """Those that the asking merchant offers."""


class Refund(Message):
    """A refund that was offered, as merchant and payer see it.

    `answer_by_ms` is null until the payer's home has it: the time to answer begins there. `undelivered` is the code
    with which the payer's home refused the offer, as for a wallet that is closed; silence decides all the same.
    """

    refund_id: str
    home: Home
    order_id: str
    order_number: str
    refund_number: str
    merchant_wallet_id: WalletId
    merchant_name: str
    amount_fen: Fen
    reason: str
    state: RefundState
    decided_by: RefundDecision
    unanswered: RefundSilence
    answer_by_ms: LedgerTime | None
    undelivered: str
    sequence: SequenceNumber
    time_ms: LedgerTime


class RefundPage(Message):
    """Refunds of a wallet, newest first."""

    refunds: list[Refund]
    next: Cursor


class RefundAnswer(Message):
    """Take the refund, or do not; the first answer counts."""

    accept: bool


class RefundWithdrawal(Message):
    """Take an offer back; there is nothing to say about it."""


class HomeRefund(Message):
    """The shop's home tells the payer's home of an offer, or how far it is now.

    `refund_handle` is the id, in hexadecimal, of the transaction that paid the order.
    """

    refund_id: _Id
    shop_home: Home
    order_id: _Id
    order_number: Annotated[str, Field(min_length=1, max_length=64)]
    refund_number: Annotated[str, Field(min_length=1, max_length=64)]
    refund_handle: Annotated[str, Field(max_length=64)]
    merchant_wallet_id: WalletId
    merchant_name: Annotated[str, Field(min_length=1, max_length=128)]
    amount_fen: Fen
    reason: _Reason
    state: RefundState
    decided_by: RefundDecision
    unanswered: RefundSilence
    answer_by_ms: LedgerTime


class RefundDelivery(Message):
    """The payer's home has it."""

    refund_id: str
    sequence: SequenceNumber
    time_ms: LedgerTime


class HomeRefundAnswer(Message):
    """The payer's home passes on what the payer answers."""

    payer_home: Home
    refund_id: _Id
    accept: bool
