"""Operations for merchants whose servers are told of events."""

from typing import Annotated

from pydantic import Field

from tongbao.institutions.institution import Institution
from tongbao.protocol.webhook import (
    DeliveryState,
    WebhookChange,
    WebhookDeliveryPage,
    WebhookEndpoint,
    WebhookEndpoints,
    WebhookReplay,
    WebhookReplayAnswer,
    WebhookRequest,
    WebhookSecretRequest,
)
from tongbao.service.institution.callers import RecentKeys, wallet_of
from tongbao.service.institution.parameters import ListQuery
from tongbao.service.operation import Call, Nothing, Operations, Parameters

__all__ = ["add_webhooks"]

_EndpointId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class EndpointPath(Parameters):
    """Which endpoint."""

    endpoint_id: _EndpointId


class DeliveriesQuery(ListQuery):
    """Of which endpoint, in which state, from where on, and how many."""

    endpoint_id: _EndpointId
    state: DeliveryState | None = None


def add_webhooks(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what merchants ask about their servers."""
    _add_endpoints(operations, institution, keys)
    _add_changes(operations, institution, keys)
    _add_deliveries(operations, institution, keys)


def _add_endpoints(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/webhooks")
    async def create_webhook(call: Call[WebhookRequest, Nothing]) -> WebhookEndpoint:
        """Tell a server of everything that happens to the asking merchant from now on; the same URL is the same one."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        return await institution.webhooks.create(wallet_id, call.message)

    @operations.get("/v1/webhooks")
    async def webhooks(call: Call[Nothing, Nothing]) -> WebhookEndpoints:
        """The servers that are told of the asking merchant's events."""
        return await institution.webhooks.list(wallet_of(call.caller))

    @operations.get("/v1/webhooks/{endpoint_id}")
    async def webhook(call: Call[Nothing, EndpointPath]) -> WebhookEndpoint:
        """One server: whether it is told, since when it fails, and how much waits for it."""
        return await institution.webhooks.find(wallet_of(call.caller), call.parameters.endpoint_id)


def _add_changes(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/webhooks/{endpoint_id}")
    async def change_webhook(call: Call[WebhookChange, EndpointPath]) -> WebhookEndpoint:
        """Tell it of other kinds, stop telling it, go on, or remove it.

        What happens while it is disabled is sent once it is active again.
        """
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        return await institution.webhooks.change(wallet_id, call.parameters.endpoint_id, call.message)

    @operations.post("/v1/webhooks/{endpoint_id}/secret")
    async def rotate_webhook_secret(call: Call[WebhookSecretRequest, EndpointPath]) -> WebhookEndpoint:
        """Make a new secret; for a day the old one signs beside it, so that the receiver can change over."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        generation = call.message.generation
        return await institution.webhooks.rotate(wallet_id, call.parameters.endpoint_id, generation=generation)


def _add_deliveries(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.get("/v1/webhooks/{endpoint_id}/deliveries")
    async def webhook_deliveries(call: Call[Nothing, DeliveriesQuery]) -> WebhookDeliveryPage:
        """What was sent or waits, newest first, with every attempt and what came of it."""
        query, wallet_id = call.parameters, wallet_of(call.caller)
        return await institution.webhooks.deliveries(
            wallet_id, query.endpoint_id, state=query.state, after=query.after, limit=query.limit
        )

    @operations.post("/v1/webhooks/{endpoint_id}/replay")
    async def replay_webhook(call: Call[WebhookReplay, EndpointPath]) -> WebhookReplayAnswer:
        """Send again what is named, under the same ids: receivers pass over what they have."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        return await institution.webhooks.replay(wallet_id, call.parameters.endpoint_id, call.message)
