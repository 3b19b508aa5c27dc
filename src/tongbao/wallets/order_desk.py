"""A till: asks for money in a merchant's name with a key of its own, which moves none.

desk = OrderDesk(key, TillPlace(home, merchant_wallet_id, domain), network=network, clock=clock, entropy=entropy)
order = await desk.create_order(OrderRequest(amount_fen=1_280, order_number="17"))
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from tongbao.coin import Domain
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import PeerError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.order import Order, OrderAmendment, OrderCancellation, OrderPage, OrderRequest
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.protocol.till import Till, till_id_of
from tongbao.wallets.home import HomeAddress
from tongbao.wallets.ports import Clock, Entropy, Network

__all__ = ["OrderDesk", "TillPlace"]

ORDERS_PER_PAGE: Final = 50
NUMBER_BYTES: Final = 6
"""No two orders of one till in ten million have the same."""


@dataclass(frozen=True, slots=True)
class TillPlace:
    """Where a till stands.

    Attributes:
        home: the merchant's institution.
        merchant_wallet_id: whose orders it makes.
        domain: of the network.
    """

    home: HomeAddress
    merchant_wallet_id: bytes
    domain: Domain


class OrderDesk:
    """What a till does.

    Attributes:
        till_id: the till's.
    """

    def __init__(self, key: SigningKey, place: TillPlace, *, network: Network, clock: Clock, entropy: Entropy) -> None:
        self.till_id = till_id_of(place.merchant_wallet_id, key.public_key, place.domain)
        self._place = place
        self._entropy = entropy
        self._sequence = 0
        self._client = SignedClient(
            network=network,
            clock=clock,
            base_url=place.home.url,
            key_id=f"till:{self.till_id.hex()}",
            sign=key.sign,
        )

    def new_number(self) -> str:
        """A number for an order that nobody has numbered."""
        return self._entropy.bytes(NUMBER_BYTES).hex()

    async def till(self) -> Till:
        """The till as its home keeps it."""
        return await self._client.get(f"/v1/tills/{self.till_id.hex()}", Till)

    async def create_order(self, request: OrderRequest) -> Order:
        """Ask for money; the same number with the same content is the same order."""
        order = await self._post("/v1/orders", request)
        wanted = (request.amount_fen, self._place.merchant_wallet_id, self.till_id)
        if (order.amount_fen, order.merchant_wallet_id, order.till_id) != wanted:
            raise PeerError("the home has made another order than it was asked for")
        return order

    async def amend_order(self, order_id: str, amendment: OrderAmendment) -> Order:
        """Change what an order of this till asks that nobody has paid, or is about to pay."""
        return await self._post(f"/v1/orders/{quote(order_id, safe='')}/amend", amendment)

    async def cancel_order(self, order_id: str) -> Order:
        """Take an order of this till back that nobody has paid, or is about to pay."""
        return await self._post(f"/v1/orders/{quote(order_id, safe='')}/cancel", OrderCancellation())

    async def order(self, order_id: str) -> Order:
        """An order as it stands; the till waits for its payment by asking again."""
        path = f"/v1/orders/{quote(order_id, safe='')}"
        return self._dated(await self._client.get(path, Order, headers=self._headers()))

    async def orders(self, *, after: str = "", limit: int = ORDERS_PER_PAGE) -> OrderPage:
        """The orders that this till made, newest first."""
        query: dict[str, str | int] = {"after": after, "limit": limit}
        return await self._client.get("/v1/orders", OrderPage, query=query, headers=self._headers())

    async def _post(self, path: str, request: OrderRequest | OrderAmendment | OrderCancellation) -> Order:
        request_key = self._entropy.bytes(16).hex()
        return self._dated(await self._client.post(path, request, Order, idempotency_key=request_key))

    def _headers(self) -> dict[str, str] | None:
        return {MINIMUM_SEQUENCE_HEADER: str(self._sequence)} if self._sequence else None

    def _dated(self, order: Order) -> Order:
        self._sequence = max(self._sequence, order.sequence)
        return order
