"""A merchant's servers, which the home tells of events: named and changed by the merchant's wallet."""

from collections.abc import Sequence
from typing import Final

from tongbao.protocol.event import EventKind
from tongbao.protocol.webhook import (
    DeliveryState,
    EndpointState,
    WebhookChange,
    WebhookDeliveryPage,
    WebhookEndpoint,
    WebhookEndpoints,
    WebhookReplay,
    WebhookReplayAnswer,
    WebhookRequest,
    WebhookSecretRequest,
)
from tongbao.wallets.asking import asked
from tongbao.wallets.home import Home

__all__ = ["Webhooks"]

_PATH: Final = "/v1/webhooks"
_DELIVERIES_PER_PAGE: Final = 50


class Webhooks:
    """Says which servers are told of this merchant's events."""

    def __init__(self, home: Home) -> None:
        self._home = home

    async def create(self, url: str, *, kinds: Sequence[EventKind] = ()) -> WebhookEndpoint:
        """Tell a server of these kinds of events, or of all; the same URL is the same endpoint."""
        request = asked(WebhookRequest, url=url, kinds=list(kinds))
        return await self._home.post(_PATH, request, WebhookEndpoint, self._home.new_request())

    async def list(self) -> WebhookEndpoints:
        """The servers that are told."""
        return await self._home.get(_PATH, WebhookEndpoints)

    async def find(self, endpoint_id: str) -> WebhookEndpoint:
        """One of them."""
        return await self._home.get(f"{_PATH}/{endpoint_id}", WebhookEndpoint)

    async def change(
        self, endpoint_id: str, *, kinds: Sequence[EventKind] | None = None, state: EndpointState | None = None
    ) -> WebhookEndpoint:
        """Tell it of other kinds, stop, go on, or remove it."""
        change = WebhookChange(kinds=None if kinds is None else [*kinds], state=state)
        return await self._home.post(f"{_PATH}/{endpoint_id}", change, WebhookEndpoint, self._home.new_request())

    async def rotate(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """A new secret in place of the endpoint's; for a day both count."""
        path, request = f"{_PATH}/{endpoint.endpoint_id}/secret", WebhookSecretRequest(generation=endpoint.generation)
        return await self._home.post(path, request, WebhookEndpoint, self._home.new_request())

    async def deliveries(
        self,
        endpoint_id: str,
        *,
        state: DeliveryState | None = None,
        after: str = "",
        limit: int = _DELIVERIES_PER_PAGE,
    ) -> WebhookDeliveryPage:
        """What was sent or waits, newest first."""
        query: dict[str, str | int] = {"after": after, "limit": limit}
        if state is not None:
            query["state"] = state.value
        return await self._home.get(f"{_PATH}/{endpoint_id}/deliveries", WebhookDeliveryPage, query)

    async def replay(self, endpoint_id: str, *, delivery_ids: Sequence[str] = (), from_event: str | None = None) -> int:
        """Send deliveries again, named one by one or from an event on; returns how many."""
        count, path = 0, f"{_PATH}/{endpoint_id}/replay"
        request = asked(WebhookReplay, delivery_ids=[*delivery_ids], from_event=from_event)
        while True:
            answer = await self._home.post(path, request, WebhookReplayAnswer, self._home.new_request())
            count += answer.count
            # The home takes so many at a time.
            if not answer.next_event or answer.next_event == request.from_event:
                return count
            request = asked(WebhookReplay, from_event=answer.next_event)
