"""What the registration centre tells anybody who goes on listening: the supply, and the pulse of the ledger."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final

from pydantic import Field

from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.errors import BusyError
from tongbao.protocol.registration import Pulse
from tongbao.service.http import Call, Nothing, Operations, Parameters
from tongbao.service.registration.recency import reach
from tongbao.service.streams import EventStream, SentEvent, form_of, last_event_id, sent_of, stream_of

__all__ = ["PULSE_READERS_MAX", "add_streams"]

STREAM_S_MAX: Final = 300.0
"""Then readers come again: proxies and computers between forget connections that never end."""

GATHER_S: Final = 0.2
"""A busy ledger makes dozens of batches a second, few of which change the supply."""

PULSE_READERS_MAX: Final = 256
"""Each is sent half a kilobyte a second: all together cost less than one payment in ten."""

_RETRY_S: Final = 5

_BEHIND_S: Final = 0.01
"""A timer may be a little early; the next second has then begun."""


class StreamQuery(Parameters):
    """How long the stream lasts."""

    wait_s: Annotated[float, Field(ge=0, le=STREAM_S_MAX)] = STREAM_S_MAX


def add_streams(operations: Operations, centre: RegistrationCentre) -> None:
    """Add what goes on for as long as its reader listens."""

    @operations.get("/v1/supply/events", public=True)
    async def supply_events(call: Call[Nothing, StreamQuery]) -> EventStream:
        """How much money there is, and again whenever some is issued or redeemed.

        Each server-sent event is the whole circulation. The stream ends after `wait_s` seconds; with `Last-Event-ID` a
        supply that has not changed since then is not sent again.
        """
        await reach(centre, call.request)
        await centre.circulation()
        return _supply_stream(centre, last_event_id(call.request), call.parameters.wait_s)

    pulses = _Pulses(centre)

    @operations.get("/v1/pulse/events", public=True)
    async def pulse_events(call: Call[Nothing, StreamQuery]) -> EventStream:
        """How the ledger fares, once a second.

        Each server-sent event is the whole pulse: whoever misses some has lost nothing but time. The stream ends after
        `wait_s` seconds.
        """
        await reach(centre, call.request)
        await centre.pulse()
        return pulses.stream(last_event_id(call.request), call.parameters.wait_s)


def _supply_stream(centre: RegistrationCentre, seen: str, lasts_s: float) -> EventStream:
    is_over = False

    async def read(place: str, wait_s: float) -> Sequence[SentEvent]:
        nonlocal is_over
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + wait_s
        while True:
            found = await centre.circulation()
            form = form_of(found)
            if form != place:
                return [SentEvent(form, "supply", found.model_dump_json())]
            left_s = until_s - now_s()
            if is_over or left_s <= 0:
                return []
            is_over = not await centre.go_on(found.sequence, wait_s=left_s)
            await asyncio.sleep(min(GATHER_S, max(0, until_s - now_s())))

    return stream_of(read, after=seen, lasts_s=lasts_s, is_over=lambda: is_over)


class _Pulses:
    """Streams of the pulse; every reader is sent the same bytes."""

    def __init__(self, centre: RegistrationCentre) -> None:
        self._centre = centre
        self._readers = 0
        self._sent: tuple[Pulse, SentEvent] | None = None

    def stream(self, seen: str, lasts_s: float) -> EventStream:
        """The pulse from now on; raises `BusyError` where too many read it already."""
        if self._readers >= PULSE_READERS_MAX:
            raise BusyError(f"{PULSE_READERS_MAX} readers follow the pulse already", retry_after_s=_RETRY_S)
        is_over = False

        async def read(place: str, wait_s: float) -> Sequence[SentEvent]:
            nonlocal is_over
            now_s = asyncio.get_running_loop().time
            until_s = now_s() + wait_s
            while True:
                event = await self._event()
                if event.place != place:
                    return [event]
                left_s = until_s - now_s()
                # Only a centre that is about to stop says that nothing will come behind the first batch.
                is_over = not await self._centre.go_on(0, wait_s=0)
                if is_over or left_s <= 0:
                    return []
                await asyncio.sleep(min(left_s, 1.0 - now_s() % 1.0 + _BEHIND_S))

        return EventStream(self._counted(sent_of(read, after=seen, lasts_s=lasts_s, is_over=lambda: is_over)))

    async def _event(self) -> SentEvent:
        pulse = await self._centre.pulse()
        if self._sent is None or self._sent[0] is not pulse:
            self._sent = pulse, SentEvent(form_of(pulse), "pulse", pulse.model_dump_json())
        return self._sent[1]

    async def _counted(self, sent: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self._readers += 1
        try:
            async for each in sent:
                yield each
        finally:
            self._readers -= 1
