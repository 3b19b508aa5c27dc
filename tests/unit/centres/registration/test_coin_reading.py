"""Coins as their home finds them, and as no other home does."""

import asyncio

import pytest

from tests.builders import (
    ALICE,
    BOB,
    DOMAIN,
    acceptance,
    coin,
    control,
    issue,
    key_lock,
    spend_of,
    transfer,
)
from tests.registration_world import CentreWorld, hand_in, issued, payment, settle_down
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin.control import SetSuccessor
from tongbao.errors import RequestError
from tongbao.protocol import registration
from tongbao.protocol.registration import CoinPage, CoinSearch


async def feed(centre: RegistrationCentre, caller: int, *, after: str = "", limit: int = 100) -> CoinPage:
    return await centre.coins(caller=caller, after=after, limit=limit, wait_s=0)


async def test_the_feed_gives_a_homes_coins_in_the_order_in_which_they_were_made(centre: RegistrationCentre) -> None:
    made = await issued(centre, 3)
    pay = payment(made, 1, to=BOB)
    await hand_in(centre, [pay])

    page = await feed(centre, 1)

    expected = [(made.id(DOMAIN), 0), (made.id(DOMAIN), 1), (made.id(DOMAIN), 2), (pay.id(DOMAIN), 0)]
    assert [(each.origin, each.index) for each in page.coins] == expected
    assert [each.spent for each in page.coins] == [False, True, False, False]
    first = page.coins[0]
    assert first.opening().coin_id(DOMAIN) == first.coin_id
    assert page.sequence == (await centre.status()).sequence


async def test_the_feed_goes_on_behind_its_cursor(centre: RegistrationCentre) -> None:
    await issued(centre, 5)

    first = await feed(centre, 1, limit=2)
    second = await feed(centre, 1, after=first.next, limit=2)
    third = await feed(centre, 1, after=second.next, limit=2)
    fourth = await feed(centre, 1, after=third.next, limit=2)

    assert [[each.index for each in page.coins] for page in (first, second, third, fourth)] == [[0, 1], [2, 3], [4], []]
    assert fourth.next == third.next


async def test_a_home_reads_no_other_homes_coins(centre: RegistrationCentre) -> None:
    made = await issued(centre, 2, home=1)
    lock = made.body.outputs[0].lock_id

    page = await feed(centre, 2)
    found = await centre.search_coins(CoinSearch(locks=[lock]), caller=2)

    assert (page.coins, found.coins) == ([], [])
    assert len((await centre.search_coins(CoinSearch(locks=[lock]), caller=1)).coins) == 1


@pytest.mark.parametrize("caller", [0, 77])
async def test_who_serves_no_coins_reads_none(centre: RegistrationCentre, caller: int) -> None:
    with pytest.raises(RequestError) as refused:
        await feed(centre, caller)

    assert refused.value.code == "FORBIDDEN"


async def test_a_payment_to_another_home_appears_there(centre: RegistrationCentre) -> None:
    made = await issued(centre, 1)
    spent, paid = spend_of(made, 0, owner=ALICE), coin(10, owner=BOB, home=2)
    pay = transfer([spent], [paid], acceptances=[acceptance(spent.input, [paid])])
    await hand_in(centre, [pay])

    page = await feed(centre, 2)

    assert [(each.origin, each.value, each.lock_id) for each in page.coins] == [(pay.id(DOMAIN), 10, paid.lock_id)]


async def test_a_successor_reads_in_the_place_of_who_failed(centre: RegistrationCentre) -> None:
    await issued(centre, 2, home=1)
    await hand_in(centre, [issue([coin(7, owner=BOB, home=2)])], home=0)
    await hand_in(centre, [control(SetSuccessor(1, 2))], home=0)

    page = await feed(centre, 2, limit=2)
    rest = await feed(centre, 2, after=page.next)

    assert [each.home for each in [*page.coins, *rest.coins]] == [1, 1, 2]
    with pytest.raises(RequestError):
        await feed(centre, 1)


async def test_a_search_finds_every_coin_under_its_locks_a_page_at_a_time(
    centre: RegistrationCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.centres.registration.coin_reading.COINS_PAGE_MAX", 2)
    one_lock = [coin(value, owner=ALICE) for value in (1, 2, 3)]
    await hand_in(centre, [issue([*one_lock, coin(4, owner=BOB), coin(5, owner=BOB, salt=1)])], home=0)
    locks = [key_lock(ALICE).id(DOMAIN), key_lock(BOB).id(DOMAIN)]

    first = await centre.search_coins(CoinSearch(locks=locks), caller=1)
    second = await centre.search_coins(CoinSearch(locks=locks, after=first.next), caller=1)
    third = await centre.search_coins(CoinSearch(locks=locks, after=second.next), caller=1)

    assert [[each.value for each in page.coins] for page in (first, second, third)] == [[1, 2], [3, 4], []]


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "1.5"])
async def test_a_cursor_of_ones_own_making_is_refused(centre: RegistrationCentre, cursor: str) -> None:
    with pytest.raises(RequestError) as refused:
        await feed(centre, 1, after=cursor)

    assert (refused.value.code, refused.value.field) == ("INVALID_FIELD", "after")


async def test_whoever_waits_gets_a_new_coin_as_soon_as_it_is_settled(centre: RegistrationCentre) -> None:
    waiting = asyncio.create_task(centre.coins(caller=1, after="", limit=10, wait_s=20))
    await settle_down()
    assert not waiting.done()

    await issued(centre, 1)

    page = await asyncio.wait_for(waiting, 5)
    assert len(page.coins) == 1


async def test_whoever_waits_is_not_woken_by_another_homes_coins(centre: RegistrationCentre) -> None:
    waiting = asyncio.create_task(centre.coins(caller=2, after="", limit=10, wait_s=0.05))

    await issued(centre, 1, home=1)

    assert (await asyncio.wait_for(waiting, 5)).coins == []


async def test_whoever_waits_when_the_centre_stops_is_let_go(world: CentreWorld) -> None:
    centre = await world.open()
    waiting = asyncio.create_task(centre.coins(caller=1, after="", limit=10, wait_s=0.2))
    await settle_down()

    await centre.stop()

    assert (await asyncio.wait_for(waiting, 5)).coins == []
    assert registration.WAIT_S_MAX >= 1
