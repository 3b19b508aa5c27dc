"""A payment: the payer's wallet asks where to pay, signs, and hands the transaction to its home.

    wallet -> its home          POST /v1/payments/prepare     PrepareRequest   -> Preparation
      its home -> payee's home  POST /v1/acceptances          AcceptanceRequest -> AcceptanceAnswer   (other home)
    wallet signs, stores the signed bytes
    wallet -> its home          POST /v1/payments             PaymentRequest   -> Payment
      its home -> centre        POST /v1/submissions          (tongbao.protocol.registration)
      centre   -> payee's home  GET  /v1/coins                the payee's home finds the coin by its lock

A refund is a payment the other way: the merchant prepares it against the order that was paid, or against a refund that
the payer has accepted (tongbao.protocol.refund).

| request | by | answer |
|---|---|---|
| `POST /v1/payments/prepare` | a wallet | `Preparation` |
| `POST /v1/payments` | a wallet | `Payment` |
| `GET  /v1/payments/{payment_id}` | the payer | `Payment` |
| `POST /v1/acceptances` | the payer's home | `AcceptanceAnswer` |
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.stock import LockProof
from tongbao.protocol.wire import Base64, Fen, FenOrNone, Hash, Home, LedgerTime, Message, SequenceNumber, WalletId

__all__ = [
    "AcceptanceAnswer",
    "AcceptanceRequest",
    "Payee",
    "Payment",
    "PaymentRequest",
    "PaymentState",
    "Preparation",
    "PrepareRequest",
]


class Payee(Message):
    """Who is to be paid: exactly one of an order, an address, a refund, the own deposit, an own lock, a pocket.

    `order_id` with `home` is an order at that home; `address` a person; `refund_of` an order of the asking merchant
    that was paid and whose policy asks nobody; `refund_id` a refund that was offered and accepted; `deposit` turns
    coins back into the wallet's own deposit; `own_lock` is a lock that the wallet made itself, to which it moves coins
    of its own: no payment, so that no limit counts it and no history tells of it; `pocket_id`
    is a pocket that the wallet has described.
    """

    order_id: Annotated[str, Field(max_length=64)] | None = None
    home: Home | None = None
    address: Annotated[str, Field(max_length=90)] | None = None
    refund_of: Annotated[str, Field(max_length=64)] | None = None
    refund_id: Annotated[str, Field(max_length=64)] | None = None
    deposit: bool = False
    own_lock: Hash | None = None
    pocket_id: Hash | None = None


class PrepareRequest(Message):
    """Ask where and how to pay.

    `anchor` is the id of one of the coins that the payment will spend: order and acceptance are bound to it, so that
    however often the payer tries, at most one payment for them can settle. `amount_fen` may be left out for an order;
    `tip_fen` comes on top of it, where the order takes tips.
    """

    payee: Payee
    amount_fen: Fen | None = None
    anchor: Hash
    tip_fen: FenOrNone = 0


class Preparation(Message):
    """What the payment must carry: one output of `amount_fen`, tip included, to `proof.lock_id` at `payee_home`.

    Of a lock that the wallet named itself nothing is proven: path, signature and salt of its proof are empty.
    """

    payment_id: str
    amount_fen: Fen
    payee_home: Home
    payee_wallet_id: WalletId | None
    proof: LockProof
    acceptance: Base64 | None
    reference: Hash
    expiry_ms: LedgerTime
    description: str
    sequence: SequenceNumber
    time_ms: LedgerTime


class PaymentRequest(Message):
    """The signed transaction for a preparation."""

    payment_id: Annotated[str, Field(max_length=64)]
    transaction: Base64


class PaymentState(StrEnum):
    """How far a payment is."""

    PREPARED = "prepared"
    ENDORSED = "endorsed"
    """Recorded by the home and on its way; ask again with the same bytes."""
    SETTLED = "settled"
    REFUSED = "refused"
    """The centre refused it for now; the same bytes may be sent again until it expires."""
    ABSENT = "absent"
    """Proven never to settle: the outcome says so past its expiry."""


class Payment(Message):
    """A payment as the payer's home keeps it; `status` is a kernel status by name.

    `tip_fen` is the part of `amount_fen` that the payer gave on top of what the order asks.
    """

    payment_id: str
    kind: str
    amount_fen: Fen
    tip_fen: int = 0
    state: PaymentState
    status: str
    transaction_id: Hash | None
    receipt: Base64 | None
    sequence: SequenceNumber
    time_ms: LedgerTime


class AcceptanceRequest(Message):
    """A payer's home asks the payee's: will you take this? One of `order_id`, `address`, `refund_handle` is given.

    `refund_handle` is the id, in hexadecimal, of the transaction that paid the order that is now refunded; the
    `payer_handle` with which the payer's home asked for the acceptance of that payment counts as well.
    """

    order_id: Annotated[str, Field(max_length=64)] | None = None
    address: Annotated[str, Field(max_length=90)] | None = None
    refund_handle: Annotated[str, Field(max_length=64)] | None = None
    amount_fen: Fen | None = None
    tip_fen: FenOrNone = 0
    anchor: Hash
    payer_home: Home
    payer_handle: Annotated[str, Field(max_length=64)]


class AcceptanceAnswer(Message):
    """The acceptance, the lock with its proof, and what the transaction must refer to; the tip is in `amount_fen`."""

    acceptance: Base64
    amount_fen: Fen
    payee_wallet_id: WalletId
    proof: LockProof
    reference: Hash
    expiry_ms: LedgerTime
    description: str
