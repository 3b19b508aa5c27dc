"""Server-sent events: an answer that goes on, and that a reader who lost it takes up where he stopped.

The format is that of the HTML standard, section "Server-sent events": browsers read it with `EventSource`, and send the
id of the last event that they saw in `Last-Event-ID` when they come again.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import StreamingResponse

from tongbao.errors import RequestError
from tongbao.protocol.wire import Message

__all__ = [
    "EVENT_STREAM",
    "LAST_EVENT_ID",
    "EventStream",
    "SentEvent",
    "form_of",
    "last_event_id",
    "sent_of",
    "stream_of",
    "wants_stream",
]

EVENT_STREAM: Final = "text/event-stream"
LAST_EVENT_ID: Final = "last-event-id"

# Proxies and home routers forget a connection on which nothing moves for a minute or even half of one.
_SIGN_OF_LIFE_S: Final = 15.0
# How long a browser waits before it comes again; a stream ends after minutes, and its reader must miss little.
_FORM_DIGITS: Final = 32  # 128 bits: two forms of one thing never share them
_RETRY_MS: Final = 1_000
# The number of an event, or the digest of what is followed.
_LAST_EVENT_ID: Final = re.compile(r"[0-9a-f]{1,64}")


def form_of(message: Message) -> str:
    """A digest of all that a message says, other than how recent it is: the place in a stream of its forms."""
    content = message.model_dump_json(exclude={"sequence", "time_ms"})
    return sha256(content.encode()).hexdigest()[:_FORM_DIGITS]


class EventStream(StreamingResponse):
    """An answer that is sent bit by bit as things happen."""

    media_type = EVENT_STREAM

    def __init__(self, sent: AsyncIterator[bytes]) -> None:
        # What a proxy kept back or kept for others would be old news.
        super().__init__(sent, headers={"cache-control": "no-store", "x-accel-buffering": "no"})


@dataclass(frozen=True, slots=True)
class SentEvent:
    """One event of a stream.

    Attributes:
        place: by which the reader goes on behind it.
        kind: the name under which a browser hands it out.
        data: JSON, in one line.
    """

    place: str
    kind: str
    data: str

    def encode(self) -> bytes:
        """The event as it is sent."""
        return f"id: {self.place}\nevent: {self.kind}\ndata: {self.data}\n\n".encode()


Read = Callable[[str, float], Awaitable[Sequence[SentEvent]]]
"""What happened after a place; where there is nothing, it waits for that many seconds."""


def stream_of(read: Read, *, after: str, lasts_s: float, is_over: Callable[[], bool]) -> EventStream:
    """What `read` finds after a place, as it comes, until the time is up or `is_over`."""
    return EventStream(sent_of(read, after=after, lasts_s=lasts_s, is_over=is_over))


async def sent_of(read: Read, *, after: str, lasts_s: float, is_over: Callable[[], bool]) -> AsyncIterator[bytes]:
    """The same as bytes, for those who want to know when the reader has gone."""
    now_s = asyncio.get_running_loop().time
    until_s = now_s() + lasts_s
    yield f"retry: {_RETRY_MS}\n\n".encode()
    while True:
        left_s = max(0.0, until_s - now_s())
        found = await read(after, min(left_s, _SIGN_OF_LIFE_S))
        for each in found:
            yield each.encode()
            after = each.place
        if is_over() or (left_s == 0 and not found):
            return
        if not found:
            yield b": nothing new\n\n"


def wants_stream(request: Request) -> bool:
    """Whether the reader asks for a stream, as browsers' `EventSource` does, rather than for a page."""
    accepted = request.headers.get("accept", "")
    return EVENT_STREAM in [each.partition(";")[0].strip().lower() for each in accepted.split(",")]


def last_event_id(request: Request) -> str:
    """The place of the last event that the reader saw; "" where he says nothing.

    Raises:
        RequestError: INVALID_FIELD where it is none of this stream's.
    """
    text = request.headers.get(LAST_EVENT_ID, "")
    if text and not _LAST_EVENT_ID.fullmatch(text):
        raise RequestError(
            f"{LAST_EVENT_ID} must be the id of an event of this stream",
            code="INVALID_FIELD",
            field=LAST_EVENT_ID,
            cure="send the id of the last event that came, or leave the header out",
        )
    return text
