"""What institutions and officers say to the central bank's office.

A proposal is a transaction that waits for officers. Each officer signs its id; when k of n have, an issue or control
transaction is submitted by the office, and a redeem transaction, which only its home may submit, is handed back.

| request | by | answer |
|---|---|---|
| `POST /v1/issuance` | a home | `Proposal` |
| `POST /v1/redemption` | a home | `Proposal` |
| `POST /v1/control` | an officer | `Proposal` |
| `GET  /v1/proposals?state=&after=&limit=` | an officer; a home sees its own | `ProposalPage` |
| `GET  /v1/proposals/{proposal_id}` | an officer; the home that it is about | `Proposal` |
| `POST /v1/proposals/{proposal_id}/approvals` | an officer | `Proposal` |
| `GET  /v1/supply/orders?after=&limit=` | anyone | `SupplyOrderPage` |
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.wire import Base64, Cursor, Fen, Hash, Home, LedgerTime, Message

__all__ = [
    "PROPOSED_KINDS",
    "ApprovalRequest",
    "ControlRequest",
    "IssuanceRequest",
    "Proposal",
    "ProposalPage",
    "ProposalState",
    "PublishedOrder",
    "RedemptionRequest",
    "SupplyOrderPage",
    "WaitsFor",
    "WantedCoin",
]

ISSUED_COINS_MAX = 256


class WantedCoin(Message):
    """One coin to be made for the institution's vault."""

    lock_id: Hash
    value: Fen


class IssuanceRequest(Message):
    """Make these coins of the currency at the asking home."""

    coins: Annotated[list[WantedCoin], Field(min_length=1, max_length=ISSUED_COINS_MAX)]


class RedemptionRequest(Message):
    """End the coins of this redeem transaction; it carries its owner's witnesses and no approvals yet."""

    transaction: Base64


class ControlRequest(Message):
    """Propose a control operation, encoded as its number and payload.

    An ordered move also names the coin that moves, opened, and the coins that replace it, each in its encoding.
    """

    operation: Base64
    inputs: list[Base64] = Field(default_factory=list, max_length=1)
    outputs: list[Base64] = Field(default_factory=list, max_length=ISSUED_COINS_MAX)


class ApprovalRequest(Message):
    """One officer's approval, in the encoding of an approval."""

    approval: Base64


PROPOSED_KINDS = ("issue", "redeem", "control")
"""What a proposal's transaction may be."""


class ProposalState(StrEnum):
    """How far a proposal is."""

    PENDING = "pending"
    APPROVED = "approved"
    """Enough officers agree; an issue or control transaction is on its way, a redeem waits for its home."""
    SETTLED = "settled"
    REFUSED = "refused"
    EXPIRED = "expired"


class WaitsFor(Message):
    """The serial that must be used first, since those of one subject leave no gap.

    `proposal_id` names the proposal that holds it. It is empty where that one has ended without using it: the next
    proposal about the same subject then takes the serial.
    """

    serial: Annotated[int, Field(ge=1, lt=2**64)]
    proposal_id: str


class Proposal(Message):
    """A transaction that officers are asked to approve; `transaction` carries their approvals once they are enough.

    `waits_for` says what must settle before it; null where it has its turn, or has ended.
    """

    proposal_id: str
    kind: str
    home: Home
    value_fen: int
    description: str
    state: ProposalState
    transaction_id: Hash
    transaction: Base64
    approvals: int
    threshold: int
    expiry_ms: LedgerTime
    status: str
    receipt: Base64 | None
    waits_for: WaitsFor | None = None


class ProposalPage(Message):
    """Proposals, newest first."""

    proposals: list[Proposal]
    next: Cursor


class PublishedOrder(Message):
    """An order that was carried out: it made or ended money, or changed who may order that or whose receipts count.

    `transaction` carries the officers' approvals, and no witnesses of those whose coins it ended; `receipt` says in
    which batch it settled. Both are for whoever checks them; the other fields say the same for people.
    """

    transaction_id: Hash
    kind: str
    home: Home
    value_fen: int
    description: str
    transaction: Base64
    receipt: Base64


class SupplyOrderPage(Message):
    """Orders in the order in which they were proposed, and the cursor for those after them; empty at the end.

    One that was proposed earlier may be carried out later: whoever wants all of them reads from the beginning.
    """

    orders: list[PublishedOrder]
    next: Cursor
