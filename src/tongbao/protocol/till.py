"""Tills: places where a merchant asks for money, each with a key of its own.

| request | by | answer |
|---|---|---|
| `POST /v1/tills` | a merchant's wallet | `Till` |
| `GET  /v1/tills?after=&limit=` | a merchant's wallet | `TillPage` |
| `GET  /v1/tills/{till_id}` | the merchant's wallet, or the till | `Till` |
| `POST /v1/tills/{till_id}/close` | the merchant's wallet | `Till` |

A till signs its requests as `till:<till id>`. It makes, sees, amends and cancels its own orders and no others; what is
paid goes to the merchant's wallet, and neither pays nor refunds anything: its key moves no money. A closed till stays
closed, and its name with it.
"""

from typing import Annotated

from pydantic import Field

from tongbao.coin.domain import Domain
from tongbao.coin.encoding import sized_u16
from tongbao.protocol.wire import Cursor, Hash, LedgerTime, Message, TillId, WalletId

__all__ = ["TILL_ID_BYTES", "Till", "TillClosing", "TillPage", "TillRequest", "till_id_of"]

TILL_ID_BYTES = 16


class TillRequest(Message):
    """Let the holder of this Ed25519 key make orders of the asking merchant; key and name again are the same till."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    public_key: Hash


class TillClosing(Message):
    """Let a till make no orders any more; there is nothing to say about it."""


class Till(Message):
    """A till."""

    till_id: TillId
    merchant_wallet_id: WalletId
    name: str
    public_key: Hash
    since_ms: LedgerTime
    closed_at_ms: LedgerTime | None


class TillPage(Message):
    """A merchant's tills, oldest first."""

    tills: list[Till]
    next: Cursor


def till_id_of(merchant_wallet_id: bytes, public_key: bytes, domain: Domain) -> bytes:
    """The id of a merchant's till: another merchant's till with the same key is another till."""
    named = sized_u16(merchant_wallet_id) + sized_u16(public_key)
    return domain.hash("tongbao/till/1", named)[:TILL_ID_BYTES]
