"""The stream of the pulse: a whole report each second, to a bounded number of readers, of nobody in particular."""

import json

import aiohttp
import pytest

from tests.builders import BOB
from tests.event_streams import reading
from tests.registration_world import hand_in, issued, payment
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.protocol.registration import PULSE_SERIES_S
from tongbao.service.server import RunningServer


async def test_each_second_brings_a_whole_report_and_payments_show_up_in_it(
    centre: RegistrationCentre, server: RunningServer
) -> None:
    async with reading(f"{server.url}/v1/pulse/events") as stream:
        first = await stream.next()
        made = await issued(centre, 2)
        await hand_in(centre, [payment(made, 0, to=BOB)])
        later = [await stream.next() for _ in range(3)]

    assert first is not None
    assert first.kind == "pulse"
    assert len(first.data["settled_per_s"]) == PULSE_SERIES_S
    assert all(each is not None for each in later)
    seconds = [each.data["second"] for each in (first, *later) if each is not None]
    assert seconds == sorted(set(seconds)), "a second is told once"
    last = later[-1]
    assert last is not None
    assert sum(last.data["settled_per_s"]) == 2, "an issue and a payment"
    assert last.data["latency"]["transactions"] == 2
    assert last.data["supply"]["totals"][0]["issued"] == 20


async def test_a_reader_who_comes_again_is_not_told_the_same_second_twice(server: RunningServer) -> None:
    url = f"{server.url}/v1/pulse/events"
    async with reading(url) as stream:
        first = await stream.next()
    assert first is not None

    async with reading(url, last_event_id=first.place) as stream:
        second = await stream.next()

    assert second is not None
    assert second.data["second"] > first.data["second"]


async def test_too_many_readers_are_told_to_come_later_and_those_who_go_make_room(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.service.registration.streams.PULSE_READERS_MAX", 1)
    url = f"{server.url}/v1/pulse/events"

    async with reading(f"{url}?wait_s=1.5") as stream:
        await stream.next()
        async with aiohttp.ClientSession() as session, session.get(url) as refused:
            problem = json.loads(await refused.read())
        await stream.rest()
    async with reading(url) as stream:
        after = await stream.next()

    assert (refused.status, problem["code"], problem["retry_after_s"]) == (503, "BUSY", 5)
    assert after is not None


async def test_the_stream_ends_when_the_centre_is_about_to_stop(
    centre: RegistrationCentre, server: RunningServer
) -> None:
    async with reading(f"{server.url}/v1/pulse/events") as stream:
        await stream.next()
        centre.release()
        rest = await stream.rest()

    assert len(rest) <= 1


async def test_the_pulse_names_nobody(centre: RegistrationCentre, server: RunningServer) -> None:
    made = await issued(centre, 2)
    await hand_in(centre, [payment(made, 0, to=BOB)])

    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/v1/pulse") as answer:
        told = json.loads(await answer.read())

    assert set(told) == {
        "name", "kernel", "second", "chain_head", "settled_per_s", "latency", "supply", "sequence", "time_ms"
    }  # fmt: skip
    assert set(told["supply"]) == {"sequence", "time_ms", "state_digest", "kernel", "totals"}
