"""A shop whose server is told of its events."""

import pytest

from tests.institution_people import Holder
from tests.webhook_receiver import Receiver
from tongbao.protocol.client import SignedClient
from tongbao.protocol.webhook import (
    DeliveryState,
    WebhookChange,
    WebhookDelivery,
    WebhookDeliveryPage,
    WebhookEndpoint,
    WebhookReplay,
    WebhookReplayAnswer,
    WebhookRequest,
    WebhookSecretRequest,
)

URL = "https://shop.example/told"


class TellingShop:
    """A shop, its server, and what it asks about it."""

    def __init__(self, holder: Holder, receiver: Receiver) -> None:
        self.holder = holder
        self.receiver = receiver
        self.world = holder.world

    @property
    def client(self) -> SignedClient:
        return self.holder.client

    async def register(self, url: str = URL, *, kinds: list[str] | None = None) -> WebhookEndpoint:
        request = WebhookRequest.model_validate({"url": url, "kinds": kinds or []})
        key = self.world.new_key()
        return await self.client.post("/v1/webhooks", request, WebhookEndpoint, idempotency_key=key)

    async def endpoint(self, found: WebhookEndpoint) -> WebhookEndpoint:
        return await self.client.get(f"/v1/webhooks/{found.endpoint_id}", WebhookEndpoint)

    async def change(self, found: WebhookEndpoint, change: WebhookChange) -> WebhookEndpoint:
        path, key = f"/v1/webhooks/{found.endpoint_id}", self.world.new_key()
        return await self.client.post(path, change, WebhookEndpoint, idempotency_key=key)

    async def rotate(self, found: WebhookEndpoint) -> WebhookEndpoint:
        path, key = f"/v1/webhooks/{found.endpoint_id}/secret", self.world.new_key()
        request = WebhookSecretRequest(generation=found.generation)
        return await self.client.post(path, request, WebhookEndpoint, idempotency_key=key)

    async def replay(self, found: WebhookEndpoint, request: WebhookReplay) -> int:
        return (await self.replayed(found, request)).count

    async def replayed(self, found: WebhookEndpoint, request: WebhookReplay) -> WebhookReplayAnswer:
        path, key = f"/v1/webhooks/{found.endpoint_id}/replay", self.world.new_key()
        return await self.client.post(path, request, WebhookReplayAnswer, idempotency_key=key)

    async def deliveries(self, found: WebhookEndpoint, *, state: DeliveryState | None = None) -> list[WebhookDelivery]:
        query = {} if state is None else {"state": state.value}
        path = f"/v1/webhooks/{found.endpoint_id}/deliveries"
        return (await self.client.get(path, WebhookDeliveryPage, query=query)).deliveries

    def told(self) -> list[tuple[str, str]]:
        """Kind and order number of every message that arrived."""
        return [message.what for message in self.receiver.arrived]

    async def until_told(self, count: int) -> None:
        """Wait until so many messages have arrived, and what came of them is written down."""
        await self.world.until(lambda: len(self.receiver.arrived) >= count and not self.receiver.open_now)
        await self.world.clock.advance(0)

    async def later(self, seconds: float) -> None:
        """Let wall-clock time pass, second by second where something could happen."""
        await self.world.clock.advance(round(seconds * 1000))
        await self.world.clock.advance(1000)


@pytest.fixture
async def telling(shop: Holder) -> TellingShop:
    """A shop whose server is named by no endpoint yet."""
    return TellingShop(shop, shop.world.outside)
