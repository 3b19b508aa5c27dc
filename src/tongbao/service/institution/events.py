"""Operations for those who want to be told: pages and streams of events."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from tongbao.institutions.events.feed import EVENTS_WAIT_S_MAX, EventFeed
from tongbao.institutions.institution import Institution
from tongbao.protocol.cursor import read_place
from tongbao.protocol.event import EventPage
from tongbao.service.institution.callers import demand_wallet, reach
from tongbao.service.institution.parameters import OrderPath, WalletListQuery
from tongbao.service.operation import Call, Nothing, Operations
from tongbao.service.streams import EventStream, SentEvent, form_of, last_event_id, stream_of, wants_stream

__all__ = ["add_events"]

_STREAMED_AT_ONCE: Final = 100  # a few dozen kilobytes in memory for each reader


class EventsQuery(WalletListQuery):
    """Of which wallet, from where on, how many, and how long to wait where there are none."""

    wait_s: Annotated[float | None, Field(ge=0, le=EVENTS_WAIT_S_MAX)] = None


class OrderStreamQuery(OrderPath):
    """Which order, and how long the stream lasts."""

    wait_s: Annotated[float, Field(ge=0, le=EVENTS_WAIT_S_MAX)] = EVENTS_WAIT_S_MAX


def add_events(operations: Operations, institution: Institution) -> None:
    """Add what wallets and waiting customers follow."""
    _add_wallet_events(operations, institution)
    _add_order_events(operations, institution)


def _add_wallet_events(operations: Operations, institution: Institution) -> None:
    @operations.get("/v1/wallets/{wallet_id}/events")
    async def wallet_events(call: Call[Nothing, EventsQuery]) -> EventPage | EventStream:
        """What happened to the wallet, oldest first; where there is nothing new, wait for it.

        With `Accept: text/event-stream` the events come as server-sent events while they happen, for at most five
        minutes: then ask again with `Last-Event-ID`. Otherwise they come as a page.
        """
        query = call.parameters
        demand_wallet(call.caller, query.wallet_id)
        await reach(institution, call.request, with_coins=True)
        place = read_place(last_event_id(call.request) or query.after)
        if wants_stream(call.request):
            # Before the stream begins: then there is no other answer any more.
            await institution.events.demand_kept(query.wallet_id, after=place)
            lasts_s = EVENTS_WAIT_S_MAX if query.wait_s is None else query.wait_s
            return _wallet_stream(institution.events, query.wallet_id, place, lasts_s)
        found = await institution.events.read(query.wallet_id, after=place, count=query.limit, wait_s=query.wait_s or 0)
        return EventPage(events=found, next=found[-1].event_id if found else str(place))


def _wallet_stream(feed: EventFeed, wallet_id: bytes, after: int, lasts_s: float) -> EventStream:
    async def read(place: str, wait_s: float) -> Sequence[SentEvent]:
        found = await feed.read(wallet_id, after=int(place), count=_STREAMED_AT_ONCE, wait_s=wait_s)
        return [SentEvent(each.event_id, each.kind, each.model_dump_json()) for each in found]

    feed.demand_room(wallet_id.hex())
    return stream_of(read, after=str(after), lasts_s=lasts_s, is_over=lambda: feed.released)


def _add_order_events(operations: Operations, institution: Institution) -> None:
    @operations.get("/v1/orders/{order_id}/events", public=True)
    async def order_events(call: Call[Nothing, OrderStreamQuery]) -> EventStream:
        """The order as it stands, and again whenever it changes, for whoever knows its id.

        Each server-sent event is the whole order. The stream ends after `wait_s` seconds; with `Last-Event-ID` an
        order that has not changed since then is not sent again.
        """
        await reach(institution, call.request, with_coins=True)
        await institution.orders.find(call.parameters.order_id)
        seen, query = last_event_id(call.request), call.parameters
        return _order_stream(institution, query.order_id, seen, query.wait_s)


def _order_stream(institution: Institution, order_id: str, seen: str, lasts_s: float) -> EventStream:
    feed = institution.events

    async def read(place: str, wait_s: float) -> Sequence[SentEvent]:
        async def look() -> Sequence[SentEvent]:
            order = await institution.orders.find(order_id)
            form = form_of(order)
            return [] if form == place else [SentEvent(form, "order", order.model_dump_json())]

        return await feed.until(order_id, look, wait_s=wait_s)

    feed.demand_room(order_id)
    return stream_of(read, after=seen, lasts_s=lasts_s, is_over=lambda: feed.released)
