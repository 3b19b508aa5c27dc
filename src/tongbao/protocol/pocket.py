"""Pockets: money that one wallet opens at any time, and another one from a ledger time on.

A wallet moves coins of its own under a lock of kind 2. Its home keeps the lock's description sealed for the two wallets
that can open it, and tells the other one's home once the money is there. The coin stays at the maker's home; whoever
takes it asks there, through his own home, and is paid on a lock of his own. The first taking that is ordered settles.

| request | by | answer |
|---|---|---|
| `POST /v1/pockets` | a wallet | `Pocket` |
| `GET  /v1/pockets?after=&limit=` | a wallet | `PocketPage` |
| `GET  /v1/homes/{home}/pockets/{pocket_id}` | the maker or the other wallet | `Pocket` |
| `POST /v1/homes/{home}/pockets/{pocket_id}/terms` | the maker or the other wallet | `PocketTerms` |
| `POST /v1/homes/{home}/pockets/{pocket_id}/takings` | the maker or the other wallet | `PocketTaken` |
| `POST /v1/pockets/deliveries` | the maker's home | `PocketDelivered` |
| `GET  /v1/pockets/{pocket_id}` | a home | `Pocket` |
| `POST /v1/pockets/{pocket_id}/takings` | a home | `PocketTaken` |
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tongbao.protocol.payment import PaymentState
from tongbao.protocol.registration import CoinRecord
from tongbao.protocol.stock import LockProof
from tongbao.protocol.wire import Base64, Cursor, Fen, Hash, Home, LedgerTime, Message, SequenceNumber

__all__ = [
    "SEALED_BYTES_MAX",
    "Pocket",
    "PocketDelivered",
    "PocketDelivery",
    "PocketPage",
    "PocketParty",
    "PocketRequest",
    "PocketState",
    "PocketTaken",
    "PocketTaking",
    "PocketTerms",
    "PocketTermsRequest",
]

SEALED_BYTES_MAX = 2_048
"""A lock with every restriction that it can have takes 800 bytes; the rest is words and what sealing adds."""

_Address = Annotated[str, Field(min_length=1, max_length=90)]


class PocketState(StrEnum):
    """How far a pocket is."""

    EMPTY = "empty"
    """Described, and nothing is in it yet."""
    FILLED = "filled"
    TAKEN = "taken"
    """One of the two has taken the money."""


class PocketParty(StrEnum):
    """One of the two wallets that can open a pocket."""

    MAKER = "maker"
    OTHER = "other"


class PocketRequest(Message):
    """Describe a pocket before anything is paid into it; `pocket_id` is the id of its lock.

    What is sealed only the wallet can read that it is sealed for: which keys open the lock, from when on, and why.
    """

    pocket_id: Hash
    other_address: _Address
    amount_fen: Fen
    sealed_for_maker: Base64
    sealed_for_other: Base64


class Pocket(Message):
    """A pocket as its home knows it, for one of its two wallets; `coin` is there while it is filled.

    In a list, a pocket at another home is told of as that home was last heard to tell.
    """

    pocket_id: Hash
    home: Home
    maker_address: str
    other_address: str
    amount_fen: Fen
    state: PocketState
    taken_by: PocketParty | None
    sealed: Base64
    coin: CoinRecord | None
    transaction_id: Hash | None
    since_ms: LedgerTime
    taken_ms: LedgerTime | None
    sequence: SequenceNumber
    time_ms: LedgerTime


class PocketPage(Message):
    """Pockets that the wallet has made, or that others have made for it, newest first."""

    pockets: list[Pocket]
    next: Cursor


class PocketTermsRequest(Message):
    """Ask one's own home where the money of a pocket may go; nothing else needs to be said."""


class PocketTerms(Message):
    """What the transaction must carry: one output of `amount_fen` (the whole coin) to `proof.lock_id` at one's home.

    `acceptance` is needed, and there, where the pocket lies at another home.
    """

    amount_fen: Fen
    proof: LockProof
    acceptance: Base64 | None
    reference: Hash
    expiry_ms: LedgerTime
    sequence: SequenceNumber
    time_ms: LedgerTime


class PocketTaking(Message):
    """The signed transaction that takes the money out."""

    transaction: Base64


class PocketTaken(Message):
    """What became of a taking; `status` is a kernel status by name."""

    state: PaymentState
    status: str
    transaction_id: Hash
    receipt: Base64 | None
    sequence: SequenceNumber
    time_ms: LedgerTime


class PocketDelivery(Message):
    """The maker's home tells the other wallet's home of a pocket that is filled."""

    maker_home: Home
    pocket_id: Hash
    maker_address: _Address
    other_address: _Address
    amount_fen: Fen
    sealed: Base64
    since_ms: LedgerTime


class PocketDelivered(Message):
    """The pocket is kept for its wallet."""

    pocket_id: Hash
