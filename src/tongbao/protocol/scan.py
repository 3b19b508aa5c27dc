"""A payer scans the code that hangs in a shop: the shop's home makes an order of the amount that the payer names.

    wallet -> its home             POST /v1/homes/{home}/merchants/{wallet_id}/orders   ScanRequest      -> Order
      its home -> the shop's home  POST /v1/merchants/{wallet_id}/orders                HomeScanRequest  -> Order

From there on it is an order like any other, and paid like one.

| request | by | answer |
|---|---|---|
| `GET  /v1/merchants/{wallet_id}` | whoever knows the id | `Merchant` |
| `POST /v1/homes/{home}/merchants/{wallet_id}/orders` | a wallet, through its own home | `Order` |
| `POST /v1/merchants/{wallet_id}/orders` | the payer's home | `Order` |
"""

from typing import Annotated

from pydantic import Field

from tongbao.protocol.wire import Fen, Home, Message

__all__ = ["SCAN_LIFE_S", "HomeScanRequest", "ScanRequest"]

SCAN_LIFE_S = 300
"""The payer stands in the shop and looks at the question: five minutes are long."""

_ScanId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class ScanRequest(Message):
    """Pay so much to the shop whose code was scanned; the same `scan_id` again is the same order."""

    amount_fen: Fen
    scan_id: _ScanId


class HomeScanRequest(ScanRequest):
    """The same for a customer of another home.

    `payer_handle` is the same for one payer at one shop, and tells nothing else of the payer.
    """

    payer_home: Home
    payer_handle: Annotated[str, Field(min_length=1, max_length=64)]
