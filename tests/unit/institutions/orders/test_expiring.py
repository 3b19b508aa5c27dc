"""A merchant hears of an order that nobody paid in time: once, in its turn, and only if it cannot be paid any more."""

from tests.institution_people import Holder
from tests.institution_world import InstitutionWorld
from tests.unit.institutions.settlement.test_submitter import gone, replace_submissions, signed
from tongbao.institutions.events.event_log import read_events
from tongbao.institutions.orders.expiring import LOOK_S

LOOK_MS = round(LOOK_S * 1000)


async def _told(shop: Holder) -> list[str]:
    store = shop.world.stores[shop.home]
    told = await store.read(lambda connection: read_events(connection, shop.wallet_id, after=0, count=100))
    return [f"{each.kind} {each.data['order_number']}" for each in told if each.kind == "order.expired"]


async def _look(world: InstitutionWorld) -> None:
    """Let the institution look for expired orders, and do what follows."""
    await world.clock.advance(LOOK_MS)
    await world.clock.advance(0)


async def test_orders_that_nobody_paid_are_told_of_in_the_order_in_which_they_expired(
    rich: InstitutionWorld, shop: Holder
) -> None:
    await _look(rich)
    await shop.order(100, "long", expires_in_s=120)
    await shop.order(100, "short", expires_in_s=60)
    before = await _told(shop)

    for _ in range(3):
        await rich.pass_time(50_000)
        await _look(rich)

    assert before == []
    assert await _told(shop) == ["order.expired short", "order.expired long"]


async def test_an_order_that_was_paid_in_time_does_not_expire(rich: InstitutionWorld, shop: Holder) -> None:
    payer = await Holder.open(rich, 101)
    await payer.fund(500)
    await _look(rich)
    await payer.pay_order(await shop.order(300, "17", expires_in_s=60))

    await rich.pass_time(100_000)
    await _look(rich)

    assert await _told(shop) == []


async def test_an_institution_that_starts_again_tells_of_what_expired_meanwhile_and_of_nothing_twice(
    rich: InstitutionWorld, shop: Holder
) -> None:
    await _look(rich)
    for number, life_s in (("1", 60), ("2", 120)):
        await shop.order(100, number, expires_in_s=life_s)
    await rich.pass_time(61_000)
    await _look(rich)
    await rich.kill(1)
    await rich.pass_time(100_000)

    await rich.start(1)
    await rich.catch_up()
    await _look(rich)

    assert await _told(shop) == ["order.expired 1", "order.expired 2"]


async def test_nothing_is_told_while_a_payment_of_the_order_has_no_outcome(
    rich: InstitutionWorld, shop: Holder
) -> None:
    payer = await Holder.open(rich, 101)
    await payer.fund(200_000)
    await _look(rich)
    preparation, content = await signed(payer, shop)
    replace_submissions(rich, gone(rich))
    await payer.send(preparation, content)
    rich.network.troubled, rich.network.lose_requests = "/v1/outcomes", 1_000
    await rich.pass_time(1_000_000)
    await _look(rich)
    before = await _told(shop)

    rich.network.lose_requests = 0
    await rich.until_settled(1)
    await _look(rich)

    assert before == []
    assert await _told(shop) == ["order.expired 1"]
