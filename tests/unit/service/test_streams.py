import asyncio
from collections.abc import Sequence

import pytest
from starlette.requests import Request

from tongbao.errors import RequestError
from tongbao.service.streams import SentEvent, last_event_id, stream_of, wants_stream


def _request(**headers: str) -> Request:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": sent})


async def _sent(events: Sequence[SentEvent], *, after: str = "", lasts_s: float = 0.0) -> bytes:
    async def read(place: str, wait_s: float) -> Sequence[SentEvent]:
        places = [each.place for each in events]
        found = events[places.index(place) + 1 :] if place in places else events
        if not found:
            await asyncio.sleep(wait_s)
        return found[:1]

    stream = stream_of(read, after=after, lasts_s=lasts_s, is_over=lambda: False)
    return b"".join([bytes(part) async for part in stream.body_iterator])  # type: ignore[arg-type]


async def test_each_event_is_sent_with_id_and_kind_in_the_form_that_browsers_read() -> None:
    sent = await _sent([SentEvent("7", "order.paid", '{"a":"茶"}'), SentEvent("9", "order.paid", "{}")])

    assert sent.decode() == (
        'retry: 1000\n\nid: 7\nevent: order.paid\ndata: {"a":"茶"}\n\nid: 9\nevent: order.paid\ndata: {}\n\n'
    )


async def test_a_stream_goes_on_behind_the_place_that_the_reader_names() -> None:
    sent = await _sent([SentEvent("7", "a", "{}"), SentEvent("9", "b", "{}")], after="7")

    assert b"id: 9" in sent
    assert b"id: 7" not in sent


async def test_a_stream_on_which_nothing_happens_ends_with_its_time() -> None:
    sent = await asyncio.wait_for(_sent([], lasts_s=0.05), timeout=5)

    assert sent == b"retry: 1000\n\n: nothing new\n\n"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/event-stream", True),
        ("application/json, Text/Event-Stream;q=0.5", True),
        ("*/*", False),
        ("application/json", False),
    ],
)
def test_only_who_names_the_media_type_gets_a_stream(accept: str, *, wanted: bool) -> None:
    assert wants_stream(_request(accept=accept)) is wanted


def test_who_says_nothing_of_the_last_event_gets_all() -> None:
    assert last_event_id(_request()) == ""


@pytest.mark.parametrize("text", ["-1", "7 8", "G", "1" * 65])
def test_an_id_of_an_event_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(RequestError) as refused:
        last_event_id(_request(last_event_id=text))

    assert (refused.value.code, refused.value.field) == ("INVALID_FIELD", "last-event-id")
