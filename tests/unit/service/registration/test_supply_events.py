"""The stream of what is in circulation: sent when money is issued, and not when it only moves."""

from tests.builders import BOB
from tests.event_streams import reading
from tests.registration_world import hand_in, issued, payment
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.service.server import RunningServer


async def test_the_supply_is_sent_as_it_stands_and_again_when_money_is_issued(
    centre: RegistrationCentre, server: RunningServer
) -> None:
    async with reading(f"{server.url}/v1/supply/events") as stream:
        first = await stream.next()
        await issued(centre, 2)
        second = await stream.next()

    assert first is not None
    assert second is not None
    assert first.data["assets"] == [{"asset": 0, "issued": 0, "redeemed": 0, "outstanding": 0}]
    assert second.data["assets"] == [{"asset": 0, "issued": 20, "redeemed": 0, "outstanding": 20}]


async def test_money_that_only_moves_is_no_news_to_a_reader_who_comes_again(
    centre: RegistrationCentre, server: RunningServer
) -> None:
    url = f"{server.url}/v1/supply/events?wait_s=0.5"
    made = await issued(centre, 2)
    async with reading(url) as stream:
        first = await stream.next()
    assert first is not None

    async with reading(url, last_event_id=first.place) as stream:
        await hand_in(centre, [payment(made, 0, to=BOB)])
        rest = await stream.rest()

    assert rest == []


async def test_the_stream_ends_when_the_centre_is_about_to_stop(
    centre: RegistrationCentre, server: RunningServer
) -> None:
    async with reading(f"{server.url}/v1/supply/events") as stream:
        await stream.next()
        centre.release()
        rest = await stream.rest()

    assert rest == []
